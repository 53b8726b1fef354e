using GptGen.Cpu;

namespace GptGen;

/// <content>A batch pools a row or two a sequence, too few to be worth another thread.</content>
public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void Pool(Location x, Location rows, DropoutSite dropout, Location y, int members, int count, int width)
    {
        if (count == 0)
            return;
        float* from = Floats(x);
        int* picked = Integers(rows);
        DropoutMask mask = new(dropout);
        for (nint i = 0; i < count; i++)
        {
            float* sum = Floats(y) + i * width;
            new ReadOnlySpan<float>(from + (nint)picked[i * members] * width, width).CopyTo(new Span<float>(sum, width));
            for (nint member = 1; member < members; member++)
                Add(sum, from + (nint)picked[i * members + member] * width, width);
            if (mask.IsActive)
                mask.Apply(sum, sum, i * width, width);
        }
    }

    /// <inheritdoc/>
    protected override void PoolBackward(
        Location dy, Location rows, DropoutSite dropout, Location dx, GradientWrite write, int members, int count, int inputRows, int width)
    {
        if (write == GradientWrite.Write)
            new CpuRange(Floats(dx), (nint)inputRows * width).Clear();
        if (count == 0)
            return;
        float* to = Floats(dx);
        int* picked = Integers(rows);
        DropoutMask mask = new(dropout);
        float* part = stackalloc float[DropoutMask.Block];
        for (nint i = 0; i < count; i++)
        {
            for (nint first = 0; first < width; first += DropoutMask.Block)
            {
                nint length = Math.Min(DropoutMask.Block, width - first);
                float* gradient = Floats(dy) + i * width + first;
                if (mask.IsActive)
                {
                    mask.Apply(gradient, part, i * width + first, length);
                    gradient = part;
                }

                for (nint member = 0; member < members; member++)
                    Add(to + (nint)picked[i * members + member] * width + first, gradient, length);
            }
        }
    }

    private static void Add(float* sum, float* values, nint count)
    {
        for (nint i = 0; i < count; i++)
            sum[i] += values[i];
    }
}
