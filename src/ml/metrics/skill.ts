/** Skill on MAE and on RMSE; null where the baseline makes no error at all. */
export interface Skill {
  readonly mae: number | null;
  readonly rmse: number | null;
}

/**
 * Skill = 1 − error / error of the baseline: 1 is perfect, 0 is no better than the baseline, below 0 is worse. Null for
 * a baseline without error, which nothing can beat. Source: Murphy, "Skill scores based on the mean square error",
 * Monthly Weather Review 116 (1988), here with the linear measures MAE and RMSE in place of the MSE.
 */
export function skill(
  model: { readonly mae: number; readonly rmse: number },
  baseline: { readonly mae: number; readonly rmse: number },
): Skill {
  return {
    mae: baseline.mae === 0 ? null : 1 - model.mae / baseline.mae,
    rmse: baseline.rmse === 0 ? null : 1 - model.rmse / baseline.rmse,
  };
}
