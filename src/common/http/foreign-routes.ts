/** Routes of dialects that clients of other systems speak: at the root, under the paths those systems have. */
export const FOREIGN_ROUTES = [
  'endpoints/:name/invocations',
  'endpoints/:name/mlflow/:route',
  'v2',
  'v2/health/:probe',
  'v2/models/:name',
  'v2/models/:name/:route',
  'v2/models/:name/versions/:version',
  'v2/models/:name/versions/:version/:route',
];

/** Each dialect reads its body itself: a JSON parser would have its own say on types, encodings and errors. */
export const FOREIGN_PATHS = /^\/(v2|endpoints)(\/|$)/;
