namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void SampledHeadLossBackward(
        Location x, Location weight, Location bias, Location targets, Location weights, in SampledTokens samples, Location losses, Location dx,
        Location dWeight, Location dBias, GradientWrite weightWrite, in HeadShape shape)
    {
        var width = shape.Width;
        var input = Numbers(x, (nint)shape.Rows * width);
        var table = Numbers(weight, (nint)shape.Vocabulary * width);
        var addends = NumbersOrNone(bias, shape.Vocabulary);
        var targetIds = Integers(targets, shape.Rows);
        var rowWeights = Numbers(weights, shape.Rows);
        var tokens = Integers(samples.Tokens, samples.Count);
        var logs = Numbers(samples.Logs, samples.Count);
        var targetLogs = Numbers(samples.TargetLogs, shape.Rows);
        var rowLosses = Numbers(losses, shape.Rows);
        var inputGradient = Numbers(dx, (nint)shape.Rows * width);
        var tableGradient = Numbers(dWeight, (nint)shape.Stride * width);
        var biasGradient = NumbersOrNone(dBias, shape.Stride);
        inputGradient.Clear();
        BeginGradient(tableGradient, weightWrite);
        BeginGradient(biasGradient, weightWrite);
        for (var row = 0; row < shape.Rows; row++)
        {
            rowLosses[row] = 0;
            var target = targetIds[row];
            if (target == IgnoredTarget)
                continue;
            List<(int Token, double Log)> candidates = [(target, targetLogs[row])];
            for (var i = 0; i < samples.Count; i++)
            {
                if (tokens[i] != target)
                    candidates.Add((tokens[i], logs[i]));
            }

            var scores = new double[candidates.Count];
            for (var i = 0; i < scores.Length; i++)
            {
                var (token, log) = candidates[i];
                scores[i] = (addends.IsEmpty ? 0 : addends[token]) - log;
                for (var column = 0; column < width; column++)
                    scores[i] += input[row * width + column] * table[token * width + column];
            }

            var logSumExp = LogSumExp(scores);
            rowLosses[row] = logSumExp - scores[0];
            for (var i = 0; i < scores.Length; i++)
            {
                var token = candidates[i].Token;
                var gradient = rowWeights[row] * (Math.Exp(scores[i] - logSumExp) - (i == 0 ? 1 : 0));
                if (!biasGradient.IsEmpty)
                    biasGradient[token] += gradient;
                for (var column = 0; column < width; column++)
                {
                    inputGradient[row * width + column] += gradient * table[token * width + column];
                    tableGradient[token * width + column] += gradient * input[row * width + column];
                }
            }
        }
    }
}
