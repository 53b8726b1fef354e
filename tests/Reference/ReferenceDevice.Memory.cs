namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void CopySlices(in SequenceSlice from, in SequenceSlice to, int rows, int sequences, int width, GradientWrite write)
    {
        for (var sequence = 0; sequence < sequences; sequence++)
        {
            for (var row = 0; row < rows; row++)
            {
                var source = Row(from, sequence, row, width);
                var target = Row(to, sequence, row, width);
                BeginGradient(target, write);
                for (var column = 0; column < width; column++)
                    target[column] += source[column];
            }
        }
    }

    private static Span<double> Row(in SequenceSlice slice, nint sequence, nint row, int width) =>
        Numbers(slice.Start.Plus((sequence * slice.Length + slice.First + row) * width), width);
}
