using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelTemplate LookupTemplate = new("lookup.cu", "lookup");

    /// <inheritdoc/>
    protected override void Lookup(Location indices, Location table, float scale, Location y, GradientWrite write, int rows, int width)
    {
        if (rows == 0)
            return;
        var (from, to) = (Address(table), Address(y));
        LaunchRows(
            LookupTemplate.With(width, Vector(width, from, to), write == GradientWrite.Add ? 1 : 0, (int)table.Arena.Role), rows,
            [Address(indices), from, to, rows, scale]);
    }

    /// <inheritdoc/>
    protected override void LookupBackward(
        Location indices, Location dy, float scale, Location dTable, GradientWrite write, int tableRows, int rows, int width) =>
        AddRowsByIndex(indices, dy, default, scale, dTable, write, tableRows, rows, width);

    private static IEnumerable<KernelKey> LookupKernels(OperatorUse use, PreparedModel model) =>
        from vector in Vectors(model, use.Widths[0])
        from add in (int[])[0, 1]
        select LookupTemplate.With(use.Widths[0], vector, add, (int)BufferRole.Parameter);

    private static IEnumerable<KernelKey> LookupBackwardKernels(OperatorUse use, PreparedModel model) =>
        AddRowsKernels(use, model, BufferRole.Gradient, AddedAsItIs, AddedScaled);

    private static IEnumerable<KernelKey> GatherKernels(OperatorUse use, PreparedModel model) =>
        Vectors(model, use.Widths[0]).Select(vector => LookupTemplate.With(use.Widths[0], vector, 0, (int)BufferRole.Activation));

    private static IEnumerable<KernelKey> GatherBackwardKernels(OperatorUse use, PreparedModel model) =>
        AddRowsKernels(use, model, BufferRole.Activation, AddedAsItIs);
}
