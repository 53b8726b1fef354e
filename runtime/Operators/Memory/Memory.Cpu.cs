using GptGen.Cpu;

namespace GptGen;

public sealed unsafe partial class CpuDevice
{
    /// <inheritdoc/>
    protected override void CopySlices(
        in SequenceSlice from, in SequenceSlice to, int rows, int sequences, int width, GradientWrite write) => RunRows(
        new CopySlicesKernel(Floats(from.Start), from, Floats(to.Start), to, rows, width, write == GradientWrite.Add), (nint)rows * sequences, width);
}
