// Imported before the SDK, which warns as soon as it is loaded. It is pinned, so its notice to upgraders about Node 20
// would only be noise at each start.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
