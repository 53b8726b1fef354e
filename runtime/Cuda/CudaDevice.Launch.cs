using System.Runtime.CompilerServices;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

// What operators are written with: addresses, launches, products, scratch memory. Calls that must follow one another without those of another
// thread between them, because of the scratch memory, are made under the gate.
public sealed partial class CudaDevice
{
    /// <summary>Elements that a kernel takes at once whose numbers are f32.</summary>
    private const int QuadElements = 4;

    /// <summary>Bytes that are loaded at once.</summary>
    private const int VectorBytes = 16;

    /// <summary>Threads of a block where nothing asks for another number.</summary>
    private const int BlockThreads = 256;

    /// <summary>Lanes of a warp.</summary>
    private const int WarpLanes = 32;

    /// <summary>Warps of a block in the kernels that give each row to one.</summary>
    private const int BlockWarps = BlockThreads / WarpLanes;

    /// <summary>The address of a place; 0 when there is nothing.</summary>
    private static GpuAddress Address(Location place) => place.IsNone ? default : ((CudaArena)place.Arena).Address(place.Offset);

    /// <summary>
    /// How many activations are loaded at once from every address and from row to row: 16 bytes of them where that can be, otherwise four, otherwise
    /// one.
    /// </summary>
    private int Vector(int width, params ReadOnlySpan<GpuAddress> addresses) =>
        width % types.Wide == 0 && AreAligned(addresses) ? types.Wide : Quads(width, addresses);

    /// <summary>4 where four elements can be loaded at once from every address and from row to row, otherwise 1.</summary>
    private static int Quads(int width, params ReadOnlySpan<GpuAddress> addresses) =>
        width % QuadElements == 0 && AreAligned(addresses) ? QuadElements : 1;

    /// <summary>Whether 16 bytes can be loaded at once from every address. An absent tensor is no obstacle.</summary>
    private static bool AreAligned(params ReadOnlySpan<GpuAddress> addresses)
    {
        ulong bits = 0;
        foreach (var address in addresses)
            bits |= address.Value;
        return bits % VectorBytes == 0;
    }

    /// <summary>
    /// The sizes that <see cref="Vector"/> can come to for rows of a model; that of one is compiled where an odd size may shift an address.
    /// </summary>
    private static IEnumerable<int> Vectors(PreparedModel model, int width) => Vectors(model, width, model.Types.Wide);

    /// <summary>The same of <see cref="Quads"/>.</summary>
    private static IEnumerable<int> QuadSizes(PreparedModel model, int width) => Vectors(model, width, QuadElements);

    private static IEnumerable<int> Vectors(PreparedModel model, int width, int widest)
    {
        if (width % widest == 0)
            yield return widest;
        else if (width % QuadElements == 0)
            yield return QuadElements;
        if (model.Description.Width % widest != 0 || model.Description.HiddenWidth % widest != 0)
            yield return 1;
    }

    /// <summary>Launches a kernel for the operator that calls.</summary>
    private void Launch(
        KernelKey key, GridSize grid, GridSize block, ReadOnlySpan<KernelArgument> arguments, [CallerMemberName] string operation = "") =>
        LaunchShared(key, grid, block, 0, arguments, operation);

    /// <summary>A launch with dynamic shared memory.</summary>
    private void LaunchShared(
        KernelKey key, GridSize grid, GridSize block, int sharedBytes, ReadOnlySpan<KernelArgument> arguments,
        [CallerMemberName] string operation = "")
    {
        lock (gate)
            stream.Launch(kernels[key], grid, block, sharedBytes, arguments, operation);
    }

    /// <summary>Launches a kernel that gives neighbouring activations to a thread, those of 16 bytes.</summary>
    private void LaunchElements(KernelKey key, nint count, ReadOnlySpan<KernelArgument> arguments, [CallerMemberName] string operation = "") =>
        Launch(key, GridSize.Covering(count, types.Wide * BlockThreads), BlockThreads, arguments, operation);

    /// <summary>Launches a kernel that gives four neighbouring elements to a thread.</summary>
    private void LaunchQuads(KernelKey key, nint count, ReadOnlySpan<KernelArgument> arguments, [CallerMemberName] string operation = "") =>
        Launch(key, GridSize.Covering(count, QuadElements * BlockThreads), BlockThreads, arguments, operation);

    /// <summary>Launches a kernel that gives a row to each warp.</summary>
    private void LaunchRows(KernelKey key, int rows, ReadOnlySpan<KernelArgument> arguments, [CallerMemberName] string operation = "") =>
        Launch(key, GridSize.Covering(rows, BlockWarps), BlockThreads, arguments, operation);

    /// <summary>The grid of a kernel that gives one number of a row to each thread: x counts rows, y runs of numbers.</summary>
    private static GridSize NumbersOfRows(int rows, int width) => new((uint)rows, GridSize.Covering(width, BlockThreads).X);

    /// <summary>A matrix by rows without gaps.</summary>
    private static GpuMatrix MatrixAt(Location start, int rowStride, bool transposed = false) =>
        new(Address(start), rowStride, ((CudaArena)start.Arena).Element, transposed);

    /// <summary>A matrix by rows in scratch memory that is multiplied with activations or weights: of their type.</summary>
    private GpuMatrix Factor(GpuAddress address, int rowStride, bool transposed = false) =>
        new(address, rowStride, types.Of(BufferRole.Activation), transposed);

    /// <summary>
    /// A product in which something more is done, where that is to be and cuBLASLt serves it; otherwise false, and nothing was done.
    /// </summary>
    private bool TryMultiply(ProductFusions fusion, in FusedProduct product, string operation)
    {
        if (fused is null || (Fusions & fusion) == 0)
            return false;
        lock (gate)
            return fused.TryMultiply(product with { Precision = types.Products }, operation);
    }

    /// <summary>The same without anything more, by cuBLAS.</summary>
    private void Multiply(in FusedProduct product, string operation, bool add = false) =>
        Multiply(product.Rows, product.Columns, product.Depth, product.A, product.B, product.Result, operation, add);

    /// <summary>result (+)= a b; see <see cref="GpuBlas.Multiply"/>.</summary>
    private void Multiply(int rows, int columns, int depth, GpuMatrix a, GpuMatrix b, GpuMatrix result, string operation, bool add = false)
    {
        lock (gate)
            blas.Multiply(rows, columns, depth, a, b, result, operation, keep: add ? 1 : 0, precision: types.Products);
    }
}
