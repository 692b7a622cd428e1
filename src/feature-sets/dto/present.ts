import type { Page } from '../../common/page.js';
import type { FeatureSet } from '../feature-set.js';
import type { DescribedFeatureSet } from '../feature-sets.service.js';
import type { FeatureSetDto, FeatureSetPageDto, FeatureSetSummaryDto } from './feature-set.dto.js';

export function presentPage({ items, cursor }: Page<FeatureSet>): FeatureSetPageDto {
  return { items: items.map(presentSummary), cursor };
}

export function presentFeatureSet({ columns, executions, ...set }: DescribedFeatureSet): FeatureSetDto {
  return { ...presentSummary(set), columns: [...columns], executions: [...executions] };
}

function presentSummary({ start, end, steps, ...set }: FeatureSet): FeatureSetSummaryDto {
  return { ...set, start: new Date(start).toISOString(), end: new Date(end).toISOString(), steps: [...steps] };
}
