/**
 * The SDK is pinned, so its notice to upgraders about Node 20 would only be noise at each start. To be imported before
 * dynamoose, which makes a client while it is being loaded.
 */
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
