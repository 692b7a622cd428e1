import { Injectable, type PipeTransform } from '@nestjs/common';
import { validationFailed } from '../../common/http/index.js';

/** A version in a path: 1, 2, … The shared pipe before this one has made a number of it, NaN of any other text. */
@Injectable()
export class VersionNumberPipe implements PipeTransform<number, number> {
  transform(value: number): number {
    if (Number.isSafeInteger(value) && value >= 1) return value;
    throw validationFailed([{ path: 'version', value, message: 'a version is named by its number: 1, 2, …' }]);
  }
}
