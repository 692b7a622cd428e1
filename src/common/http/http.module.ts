import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ApiKeys } from './api-keys.js';
import { AuthGuard } from './auth.guard.js';
import { ErrorForms } from './error-forms.js';
import { ProblemFilter } from './problem.filter.js';
import { createValidationPipe } from './validation.js';

/** What every route shares: keys and roles, validation, the form of errors. */
@Global()
@Module({
  providers: [
    ApiKeys,
    ErrorForms,
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useFactory: createValidationPipe },
  ],
  exports: [ApiKeys, ErrorForms],
})
export class HttpModule {}
