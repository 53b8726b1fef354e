using GptGen.Cpu;

namespace GptGen;

/// <content>
/// A window's sum has a part for each of its characters, and there are few characters: the parts are made once a call, [character, place in the
/// window, filter], by a small product for each place, and a window adds up w of them. The way back sums gradients up by character and place, and two
/// small products make those of table and filters of them.
/// </content>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Filters of one piece of work on the way back.</summary>
    private const int FilterStrip = 32;

    /// <inheritdoc/>
    protected override void CharacterConvolution(
        Location characters, Location table, Location filters, Location bias, Activation activation, ColumnSlice y, Location places,
        in CharacterShape shape)
    {
        using ScratchPool.Lease ids = scratches.Rent();
        using ScratchPool.Lease lease = scratches.Rent();
        CharacterSet set = new(Integers(characters), (int*)ids.Scratch.Floats(CharacterSet.Size(shape)), shape);
        float* parts = lease.Scratch.Floats((nint)set.Count * (shape.Parts + shape.Width));
        float* vectors = parts + (nint)set.Count * shape.Parts;
        set.Gather(Floats(table), vectors, shape.Width);
        nint depth = (nint)shape.Window * shape.Width;
        for (nint place = 0; place < shape.Window; place++)
        {
            Gemm.Multiply(
                lease.Scratch.Products, set.Count, shape.Filters, shape.Width, new(vectors, shape.Width),
                new(Floats(filters) + place * shape.Width, depth, transposed: true), parts + place * shape.Filters, shape.Parts);
        }

        RunRows(
            new CharacterKernel(set.Numbers, parts, Floats(bias), activation, Floats(y.Start), y.Stride, Floats(places), shape), shape.Rows,
            8 * (nint)shape.Parts);
    }

    /// <inheritdoc/>
    protected override void CharacterConvolutionBackward(
        ColumnSlice dy, Location characters, Location table, Location filters, Activation activation, ColumnSlice y, Location places, Location dTable,
        GradientWrite tableWrite, Location dFilters, Location dBias, GradientWrite write, in CharacterShape shape)
    {
        using ScratchPool.Lease ids = scratches.Rent();
        using ScratchPool.Lease lease = scratches.Rent();
        CharacterSet set = new(Integers(characters), (int*)ids.Scratch.Floats(CharacterSet.Size(shape)), shape);
        float* dParts = lease.Scratch.Floats((nint)set.Count * (shape.Parts + 2 * shape.Width));
        float* vectors = dParts + (nint)set.Count * shape.Parts, dVectors = vectors + (nint)set.Count * shape.Width;
        Run(
            new CharacterBackwardKernel(
                Floats(dy.Start), dy.Stride, set.Numbers, set.Count, activation, Floats(y.Start), y.Stride, Floats(places), dParts, Floats(dBias),
                write == GradientWrite.Add, shape),
            shape.Filters, FilterStrip);
        set.Gather(Floats(table), vectors, shape.Width);
        nint depth = (nint)shape.Window * shape.Width;
        for (nint place = 0; place < shape.Window; place++)
        {
            float* part = dParts + place * shape.Filters;
            Gemm.Multiply(
                lease.Scratch.Products, shape.Filters, shape.Width, set.Count, new(part, shape.Parts, transposed: true), new(vectors, shape.Width),
                Floats(dFilters) + place * shape.Width, depth, write == GradientWrite.Add);
            Gemm.Multiply(
                lease.Scratch.Products, set.Count, shape.Width, shape.Filters, new(part, shape.Parts),
                new(Floats(filters) + place * shape.Width, depth), dVectors, shape.Width, accumulate: place > 0);
        }

        if (tableWrite == GradientWrite.Write)
            new CpuRange(Floats(dTable), (nint)shape.StoredCharacters * shape.Width).Clear();
        set.Scatter(dVectors, Floats(dTable), shape.Width);
    }
}
