import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { assertNever } from '../../../common/assert-never.js';
import { getFeatureStep } from '../../../ml/features/feature-steps.js';
import type { ParameterDeclaration } from '../../../ml/parameters.js';

/**
 * The field is a parameter of a feature step: its range, description and default are those the step declares, so that
 * template, catalogue and step never disagree. Write `@Declared('sma', 'window') window? = defaultNumber('sma', 'window')`.
 */
export function Declared(step: string, parameter: string): PropertyDecorator {
  const declaration = getDeclaration(step, parameter);
  return applyDecorators(...rulesOf(declaration), ApiProperty(schemaOf(declaration)));
}

export function defaultNumber(step: string, parameter: string): number {
  const { default: value } = getDeclaration(step, parameter);
  if (typeof value !== 'number') throw new Error(`${step}.${parameter} is no number`);
  return value;
}

export function defaultNumbers(step: string, parameter: string): number[] {
  const { default: value } = getDeclaration(step, parameter);
  if (typeof value !== 'object') throw new Error(`${step}.${parameter} is no list of numbers`);
  return [...value];
}

export function defaultBoolean(step: string, parameter: string): boolean {
  const { default: value } = getDeclaration(step, parameter);
  if (typeof value !== 'boolean') throw new Error(`${step}.${parameter} is neither true nor false`);
  return value;
}

export function defaultChoice(step: string, parameter: string): string {
  const { default: value } = getDeclaration(step, parameter);
  if (typeof value !== 'string') throw new Error(`${step}.${parameter} is no choice`);
  return value;
}

function getDeclaration(step: string, parameter: string): ParameterDeclaration {
  const declaration = getFeatureStep(step).parameters[parameter];
  if (declaration === undefined) throw new Error(`feature step ${step} declares no parameter ${parameter}`);
  return declaration;
}

/** The check of the type comes first: it is the one reported where several fail. */
function rulesOf(declaration: ParameterDeclaration): PropertyDecorator[] {
  switch (declaration.kind) {
    case 'integer':
    case 'number': {
      const { kind, minimum, maximum } = declaration;
      return [kind === 'integer' ? IsInt() : IsNumber(), Min(minimum), Max(maximum)];
    }
    case 'boolean':
      return [IsBoolean()];
    case 'choice':
      return [IsIn(declaration.values)];
    case 'text':
      return [Matches(new RegExp(declaration.pattern, 'u'))];
    case 'integers':
    case 'numbers': {
      const { kind, minimum, maximum, minimumLength, maximumLength } = declaration;
      const each = { each: true };
      const element = kind === 'integers' ? IsInt(each) : IsNumber({}, each);
      const length = [ArrayMinSize(minimumLength), ArrayMaxSize(maximumLength)];
      return [IsArray(), ...length, element, Min(minimum, each), Max(maximum, each)];
    }
    default:
      return assertNever(declaration);
  }
}

function schemaOf(declaration: ParameterDeclaration): ApiPropertyOptions {
  const common = { required: false, default: declaration.default };
  switch (declaration.kind) {
    case 'integer':
    case 'number': {
      const { kind, minimum, maximum, description, unit } = declaration;
      const measured = unit === undefined ? description : `${description} Unit: ${unit}.`;
      return { ...common, type: kind, minimum, maximum, description: measured };
    }
    case 'boolean':
      return { ...common, type: 'boolean', description: declaration.description };
    case 'choice':
      return { ...common, enum: [...declaration.values], description: declaration.description };
    case 'text':
      return { ...common, type: 'string', pattern: declaration.pattern, description: declaration.description };
    case 'integers':
    case 'numbers': {
      const { kind, minimum, maximum, minimumLength, maximumLength, description } = declaration;
      const items = { type: kind === 'integers' ? 'integer' : 'number', minimum, maximum };
      return { ...common, type: 'array', items, minItems: minimumLength, maxItems: maximumLength, description };
    }
    default:
      return assertNever(declaration);
  }
}
