"""What the data of 2005–2010 say: observations, likelihood, sampler, posterior. Its data and code come with the fit."""
