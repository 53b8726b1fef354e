using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    internal static readonly KernelTemplate CharactersTemplate = new("characters.cu", "characters::convolve");
    internal static readonly KernelTemplate CharactersBackwardTemplate = new("characters.cu", "characters::convolveBackward");

    /// <inheritdoc/>
    protected override void CharacterConvolution(
        Location characters, Location table, Location filters, Location bias, Activation activation, ColumnSlice y, Location places,
        in CharacterShape shape)
    {
        lock (gate)
        {
            var parts = scratch.Take((nint)shape.Characters * shape.Parts * sizeof(float), nameof(CharacterConvolution));
            // The filters' numbers of one character in one place are a row of their own.
            Multiply(
                shape.Characters, shape.Parts, shape.Width, MatrixAt(table, shape.Width), MatrixAt(filters, shape.Width, transposed: true),
                new(parts, shape.Parts), nameof(CharacterConvolution));
            Launch(
                CharactersTemplate.With(shape.Window, (int)activation), NumbersOfRows(shape.Rows, shape.Filters), BlockThreads,
                [Address(characters), parts, Address(bias), Address(y.Start), y.Stride, Address(places), shape.Length, shape.Filters]);
        }
    }

    /// <inheritdoc/>
    protected override void CharacterConvolutionBackward(
        ColumnSlice dy, Location characters, Location table, Location filters, Activation activation, ColumnSlice y, Location places, Location dTable,
        GradientWrite tableWrite, Location dFilters, Location dBias, GradientWrite write, in CharacterShape shape)
    {
        const string Operation = nameof(CharacterConvolutionBackward);
        var numbers = (nint)shape.Characters * shape.Width;
        lock (gate)
        {
            nint bytes = 0;
            var sumsAt = Room(ref bytes, shape.Characters, shape.Parts);
            var factorsAt = types.Of(BufferRole.Activation) == GpuElement.Float32 ? sumsAt : Room(ref bytes, shape.Characters, shape.Parts);
            var memory = scratch.Take(bytes, Operation);
            var dParts = memory + factorsAt;
            Launch(
                CharactersBackwardTemplate.With(shape.Window, (int)activation), GridSize.Covering(shape.Parts, BlockThreads), BlockThreads,
                [
                    Address(dy.Start), dy.Stride, Address(characters), Address(y.Start), y.Stride, Address(places), memory + sumsAt, dParts,
                    Address(dBias), write == GradientWrite.Add ? 1 : 0, shape.Rows, shape.Length, shape.Filters, shape.Characters,
                ]);
            Multiply(
                shape.Parts, shape.Width, shape.Characters, Factor(dParts, shape.Parts, transposed: true), MatrixAt(table, shape.Width),
                MatrixAt(dFilters, shape.Width), Operation, write == GradientWrite.Add);
            Multiply(
                shape.Characters, shape.Width, shape.Parts, Factor(dParts, shape.Parts), MatrixAt(filters, shape.Width),
                MatrixAt(dTable, shape.Width), Operation, tableWrite == GradientWrite.Add);
        }

        if (tableWrite == GradientWrite.Write && shape.StoredCharacters > shape.Characters)
            dTable.Arena.Clear(dTable.Offset + numbers, (nint)shape.StoredCharacters * shape.Width - numbers);
    }

    /// <summary>Widths: of characters, of windows and twice the number of filters.</summary>
    private static IEnumerable<KernelKey> CharacterConvolutionKernels(OperatorUse use, PreparedModel model) =>
        [CharactersTemplate.With(use.Widths[1] / use.Widths[0], (int)use.Activation)];

    /// <summary>The same behind the number of filters.</summary>
    private static IEnumerable<KernelKey> CharacterConvolutionBackwardKernels(OperatorUse use, PreparedModel model) =>
        [CharactersBackwardTemplate.With(use.Widths[2] / use.Widths[1], (int)use.Activation)];
}
