/** Injects the open `Database`. */
export const DATABASE = Symbol('Database');
