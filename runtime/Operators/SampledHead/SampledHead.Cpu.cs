using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void SampledHeadLossBackward(
        Location x, Location weight, Location bias, Location targets, Location weights, in SampledTokens samples, Location losses, Location dx,
        Location dWeight, Location dBias, GradientWrite weightWrite, in HeadShape shape)
    {
        nint count = samples.Count, width = shape.Width, rows = shape.Rows, chunk = Math.Min(shape.Chunk, rows);
        using ScratchPool.Lease lease = scratches.Rent();
        // Rows of the table and their gradients, what is added to scores and its gradients, scores of a chunk; of each row its own target's.
        float* table = lease.Scratch.Floats(2 * count * width + 2 * count + chunk * count + rows * (width + 2));
        float* dTable = table + count * width, addends = dTable + count * width, dAddends = addends + count, scores = dAddends + count;
        float* scaled = scores + chunk * count, dTargets = scaled + rows * width;
        int* places = (int*)(dTargets + rows), tokens = Integers(samples.Tokens);
        float* biases = Floats(bias), logs = Floats(samples.Logs);
        RunRows(new LookupKernel(tokens, Matrix(weight, shape.Width), 1f, table, false, shape.Width), count, width);
        for (nint i = 0; i < count; i++)
            addends[i] = (biases == null ? 0f : biases[tokens[i]]) - logs[i];
        if (rows == 0)
            new CpuRange(dTable, count * width).Clear();
        new CpuRange(dAddends, count).Clear();
        for (nint row = 0; row < rows; row += chunk)
        {
            nint part = Math.Min(chunk, rows - row);
            float* input = Floats(x) + row * width, inputGradient = Floats(dx) + row * width;
            MultiplyByRows(input, new WeightMatrix(table, shape.Width), addends, scores, part, shape.Width, count, count);
            RunRows(
                new SampledLossKernel(
                    input, Floats(weight), biases, Integers(targets) + row, Floats(weights) + row, tokens, Floats(samples.TargetLogs) + row, scores,
                    Floats(losses) + row, scaled + row * width, dTargets + row, places + row, samples.Count, shape.Width),
                part, count);
            Gemm.Multiply(lease.Scratch.Products, part, width, count, new(scores, count), new(table, width), inputGradient, width);
            RunRows(new TargetInputKernel(Floats(weight), places + row, dTargets + row, inputGradient, shape.Width), part, width);
            Gemm.Multiply(
                lease.Scratch.Products, count, width, part, new(scores, count, transposed: true), new(input, width), dTable, width, row > 0);
            Run(new ColumnSumKernel(scores, dAddends, (int)part, samples.Count, add: true), count, ColumnSumKernel.Strip);
        }

        float* gradients = Floats(dWeight), biasGradients = Floats(dBias);
        if (weightWrite == GradientWrite.Write)
        {
            new CpuRange(gradients, shape.Stride * width).Clear();
            if (biasGradients != null)
                new CpuRange(biasGradients, shape.Stride).Clear();
        }

        Run(new AddRowsKernel(tokens, null, dTable, default, 1f, gradients, null, samples.Count, shape.Width), width, EmbeddingStrip);
        Run(new AddRowsKernel(places, null, scaled, default, 1f, gradients, null, shape.Rows, shape.Width), width, EmbeddingStrip);
        if (biasGradients == null)
            return;
        for (nint i = 0; i < count; i++)
            biasGradients[tokens[i]] += dAddends[i];
        for (nint row = 0; row < rows; row++)
            biasGradients[places[row]] += dTargets[row];
    }
}
