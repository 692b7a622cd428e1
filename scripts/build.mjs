// Compiles src into dist with the TypeScript API, because NestJS' OpenAPI plugin is a compiler transformer and
// the Nest command line, its usual host, does not support Node 20. Options come from nest-cli.json, so `nest build`
// elsewhere gives the same result.
import { createRequire } from 'node:module';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import ts from 'typescript';

const require = createRequire(import.meta.url);
const { before: swaggerTransformer } = require('@nestjs/swagger/plugin');
const configPath = 'tsconfig.build.json';
const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (d) => report([d]) };

function report(diagnostics) {
  process.stderr.write(
    ts.formatDiagnosticsWithColorAndContext(diagnostics, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => process.cwd(),
      getNewLine: () => '\n',
    }),
  );
}

rmSync('dist', { recursive: true, force: true });
const parsed = ts.getParsedCommandLineOfConfigFile(configPath, {}, host);
const program = ts.createProgram({ rootNames: parsed.fileNames, options: parsed.options });
const { plugins } = JSON.parse(readFileSync('nest-cli.json', 'utf8')).compilerOptions;
const swagger = plugins.find((plugin) => plugin.name === '@nestjs/swagger');
const emitted = program.emit(undefined, undefined, undefined, false, {
  before: [swaggerTransformer(swagger.options, program)],
});
const diagnostics = [...parsed.errors, ...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics];
if (existsSync('web/public')) cpSync('web/public', 'dist/public', { recursive: true });
report(diagnostics);
process.exit(diagnostics.some((d) => d.category === ts.DiagnosticCategory.Error) ? 1 : 0);
