using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void ClusterLogProbabilities(Location logits, Location head, Location y, in ClusterShape shape)
    {
        if (shape.Rows > 0)
            Run(new ClusterLogitsKernel(Floats(logits), Floats(head), Floats(y), shape), shape.Rows, 1);
    }
}
