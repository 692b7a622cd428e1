import { Injectable, type PipeTransform } from '@nestjs/common';
import { validationFailed } from '../../common/http/index.js';

/** A version number in a path: 1, 2, … */
@Injectable()
export class VersionNumberPipe implements PipeTransform<string, number> {
  transform(value: string): number {
    if (/^[1-9]\d{0,9}$/.test(value)) return Number(value);
    throw validationFailed([{ path: 'version', value, message: `"${value}" is no version number: 1, 2, …` }]);
  }
}
