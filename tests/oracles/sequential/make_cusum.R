# The mix of risks behind a published limit of the risk-adjusted CUSUM.
#
#   Rscript make_cusum.R cardiacsurgery.rda > cusum.json
#
# The data are those of Steiner et al. (2000) as R package spcadjust has them: Parsonnet score,
# follow-up and status of operations on the heart. The tests of R package vlad
# (tests/testthat/test-racusum_crit_mc.R, wittenberg/vlad) say that with the operations of the first
# two years, and a logistic model of death within 30 days, a run length of 370 needs a limit of
# 1.8592 for an odds ratio of 2. Kept is how often each score occurs, and its probability.
load(commandArgs(trailingOnly = TRUE)[1])
first <- cardiacsurgery[cardiacsurgery$date < 2 * 365, ]
died <- as.numeric(first$status == 1 & first$time <= 30)
score <- first$Parsonnet
model <- glm(died ~ score, family = binomial)
scores <- sort(unique(score))
count <- as.integer(table(score))
p <- predict(model, newdata = data.frame(score = scores), type = "response")
cat(sprintf(
  '{"source": "spcadjust cardiacsurgery; vlad test-racusum_crit_mc.R", "odds_ratio": 2, "run_length": 370, "limit": 1.8592, "count": [%s], "probability": [%s]}\n',
  paste(count, collapse = ", "), paste(format(p, digits = 15), collapse = ", ")
))
