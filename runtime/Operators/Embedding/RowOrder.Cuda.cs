using System.Numerics;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    private const int DigitBits = 8;

    /// <summary>Threads of a block of the sort, one for each digit (SortThreads in <c>roworder.cu</c>).</summary>
    private const int SortThreads = 1 << DigitBits;

    /// <summary>Rows of a block of the sort (TileRows in <c>roworder.cu</c>).</summary>
    private const int SortTileRows = 2048;

    private static readonly KernelKey CountDigitsKernel = new KernelTemplate("roworder.cu", "countDigits").With();
    private static readonly KernelKey PlaceDigitsKernel = new KernelTemplate("roworder.cu", "placeDigits").With();
    private static readonly KernelTemplate MoveRowsTemplate = new("roworder.cu", "moveRows");

    private static KernelKey[] RowOrderKernels => [CountDigitsKernel, PlaceDigitsKernel, MoveRowsTemplate.With(0), MoveRowsTemplate.With(1)];

    /// <summary>
    /// Sorts rows by index, equal ones in their order, in <paramref name="memory"/>: the sorted indices and the number of each one's row.
    /// </summary>
    /// <param name="indices">One a row.</param>
    /// <param name="rows">How many; at least one.</param>
    /// <param name="limit">All indices lie below.</param>
    /// <param name="order">The layout of the memory.</param>
    /// <param name="memory">As much as the layout says.</param>
    /// <param name="operation">The operator, for messages.</param>
    private (GpuAddress Indices, GpuAddress Rows) SortRows(
        GpuAddress indices, int rows, int limit, RowOrder order, GpuAddress memory, string operation)
    {
        var tiles = RowOrder.Tiles(rows);
        var counts = memory;
        var (fromIndices, fromRows) = (indices, default(GpuAddress));
        var bits = Math.Max(1, BitOperations.Log2((uint)Math.Max(1, limit - 1)) + 1);
        for (var shift = 0; shift < bits; shift += DigitBits)
        {
            var half = memory + order.Half(shift / DigitBits % 2);
            var (toIndices, toRows) = (half, half + order.ListBytes);
            Launch(CountDigitsKernel, tiles, SortThreads, [fromIndices, counts, rows, shift], operation);
            Launch(PlaceDigitsKernel, 1, SortThreads, [counts, tiles], operation);
            Launch(
                MoveRowsTemplate.With(shift == 0 ? 1 : 0), tiles, SortThreads, [fromIndices, fromRows, counts, toIndices, toRows, rows, shift],
                operation);
            (fromIndices, fromRows) = (toIndices, toRows);
        }

        return (fromIndices, fromRows);
    }

    /// <summary>Where a sort keeps what: the digits' counts, then two halves that a pass reads and writes, each of indices and rows.</summary>
    private readonly record struct RowOrder(nint CountBytes, nint ListBytes)
    {
        /// <summary>All of it.</summary>
        public nint Bytes => CountBytes + (4 * ListBytes);

        /// <summary>The layout for some rows.</summary>
        public static RowOrder Reserve(int rows) =>
            new(ScratchMemory.Aligned((nint)Tiles(rows) * SortThreads * sizeof(int)), ScratchMemory.Aligned((nint)rows * sizeof(int)));

        /// <summary>Blocks of a pass.</summary>
        public static int Tiles(int rows) => (rows + SortTileRows - 1) / SortTileRows;

        /// <summary>Where a half begins.</summary>
        public nint Half(int half) => CountBytes + (half * 2 * ListBytes);
    }
}
