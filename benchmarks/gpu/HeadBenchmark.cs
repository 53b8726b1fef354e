using System.Globalization;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen.Benchmarks.Gpu;

/// <summary>
/// What the head of GPT-2 small consists of, by the rows whose logits are there at once: products by cuBLAS and by cuBLASLt, the loss with its
/// gradient by what a thread keeps of a row, and all of it as training calls it. Where it is the fastest says what a chunk of rows should be.
/// </summary>
internal static class HeadBenchmark
{
    private const int Runs = 5;
    private const string Operation = "the head";

    /// <summary>Prints a table for each precision that training with many tokens has.</summary>
    public static int Run(int rows)
    {
        foreach (var precision in (GpuPrecision[])[GpuPrecision.BFloat16, GpuPrecision.TensorFloat32])
        {
            using var device = new CudaDevice(0, precision);
            using var work = new Work<Vocabulary, Width>(device, rows);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{device.GpuName}, {rows} rows, {Precisions.NameOf(precision)}; milliseconds for all rows, fastest / middle of {Runs}"));
            int[] chunks = [Device.FewLogitRows, 4096, 8192, 16384, 32768, 65536];
            foreach (var chunk in chunks.Select(chunk => Math.Min(chunk, rows)).Distinct())
                work.Measure(chunk);
        }

        return 0;
    }

    private sealed class Work<TVocabulary, TWidth> : IDisposable
        where TVocabulary : struct, IDimension
        where TWidth : struct, IDimension
    {
        private readonly CudaDevice device;
        private readonly WorkMemory memory;
        private readonly GpuBlas blas;
        private readonly GpuBlasLt? blasLt;
        private readonly ProductPrecision products;
        private readonly int rows, logitBytes;
        private readonly Rows<TWidth> x, dx;
        private readonly Rows<TVocabulary> logits;
        private readonly Matrix<TVocabulary, TWidth> weight, dWeight;
        private readonly Integers targets;
        private readonly Statistics weights, losses;

        public Work(CudaDevice device, int rows)
        {
            this.device = device;
            this.rows = rows;
            var types = new GpuElementTypes(device.Precision);
            (products, logitBytes) = (types.Products, types.Size(BufferRole.Workspace));
            memory = new(device);
            blas = GpuBlas.Create(device.Stream);
            blasLt = GpuBlasLt.TryCreate(device.Stream, blas, ProductChoices.IsAsked, KernelCache.OfUser());
            (x, dx, logits) = (memory.Rows<TWidth>(rows), memory.Rows<TWidth>(rows), memory.Logits<TVocabulary>(rows));
            weight = memory.Matrix<TVocabulary, TWidth>(BufferRole.Parameter);
            dWeight = memory.Matrix<TVocabulary, TWidth>(BufferRole.Gradient);
            targets = memory.Integers(rows, TVocabulary.Size / 2);
            (weights, losses) = (memory.Statistics(rows), memory.Statistics(rows));
            var shares = new float[rows];
            Array.Fill(shares, 1f / rows);
            weights.Start.Arena.Write(0, shares);
        }

        public void Measure(int chunk)
        {
            foreach (var isLt in (bool[])[false, true])
            {
                var by = !isLt ? "cuBLAS" : ProductChoices.IsAsked ? "cuBLASLt, timed" : "cuBLASLt";
                MeasureProduct("logits", by, chunk, isLt, Logits);
                MeasureProduct("dx", by, chunk, isLt, InputGradient);
                MeasureProduct("dWeight", by, chunk, isLt, WeightGradient);
            }

            // What is not offered for this vocabulary and type is as the one before.
            foreach (var packs in (int[])[LossBlock.MostPacks, 13, 0])
            {
                device.MostLossPacks = packs;
                var block = LossBlock.Of(TVocabulary.Size, new(device.Precision), packs);
                Print(
                    chunk, "loss", $"{block.Threads} x {block.Packs} packs", GpuTimer.Measure(device.Stream, () => Loss(chunk), Runs),
                    2e-9 * rows * TVocabulary.Stored * logitBytes, "GB/s (read and written once)");
            }

            device.MostLossPacks = LossBlock.MostPacks;
            Print(chunk, "HeadLossBackward", "", GpuTimer.Measure(device.Stream, () => All(chunk), Runs), 3 * TeraOperations, "TFLOP/s");
        }

        public void Dispose()
        {
            blasLt?.Dispose();
            blas.Dispose();
            memory.Dispose();
        }

        private double TeraOperations => 2e-12 * rows * TVocabulary.Stored * TWidth.Size;

        private void MeasureProduct(string part, string by, int chunk, bool isLt, Func<int, int, FusedProduct> product)
        {
            var isServed = true;
            var timing = GpuTimer.Measure(device.Stream, () => ForEachChunk(chunk, (row, count) => Multiply(product(row, count))), Runs);
            if (isServed)
                Print(chunk, part, by, timing, TeraOperations, "TFLOP/s");
            else
                Console.WriteLine($"{chunk,8}  {part,-18}{by,-18}not served");

            void Multiply(FusedProduct product)
            {
                if (isLt)
                    isServed &= blasLt?.TryMultiply(product with { Precision = products }, Operation) ?? false;
                else
                {
                    blas.Multiply(
                        product.Rows, product.Columns, product.Depth, product.A, product.B, product.Result, Operation,
                        keep: product.Added.Value == 0 ? 0 : 1, precision: products);
                }
            }
        }

        private FusedProduct Logits(int row, int count) => new(
            count, TVocabulary.Stored, TWidth.Size, MatrixAt(x.Start.Plus((nint)row * TWidth.Size), TWidth.Size),
            MatrixAt(weight.Start, TWidth.Size, transposed: true), MatrixAt(logits.Start, TVocabulary.Stored));

        private FusedProduct InputGradient(int row, int count) => new(
            count, TWidth.Size, TVocabulary.Stored, MatrixAt(logits.Start, TVocabulary.Stored), MatrixAt(weight.Start, TWidth.Size),
            MatrixAt(dx.Start.Plus((nint)row * TWidth.Size), TWidth.Size));

        private FusedProduct WeightGradient(int row, int count)
        {
            var result = MatrixAt(dWeight.Start, TWidth.Size);
            return new(
                TVocabulary.Stored, TWidth.Size, count, MatrixAt(logits.Start, TVocabulary.Stored, transposed: true),
                MatrixAt(x.Start.Plus((nint)row * TWidth.Size), TWidth.Size), result)
            {
                Added = row > 0 ? result.Address : default,
            };
        }

        private void Loss(int chunk) => ForEachChunk(chunk, (row, count) => device.CrossEntropy(
            logits.Start, targets.Start.Plus(row), weights.Start.Plus(row), losses.Start.Plus(row), count, 0,
            new(rows, chunk, TWidth.Size, TVocabulary.Size, TVocabulary.Stored), Operation));

        private void All(int chunk) => device.HeadLossBackward(
            x, weight, default, targets, weights, new Rows<TVocabulary>(logits.Start, chunk), losses, dx, dWeight, default, GradientWrite.Write);

        private void ForEachChunk(int chunk, Action<int, int> action)
        {
            for (var row = 0; row < rows; row += chunk)
                action(row, Math.Min(chunk, rows - row));
        }

        private static void Print(int chunk, string part, string by, Timing timing, double amount, string unit) =>
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{chunk,8}  {part,-18}{by,-18}{1e3 * timing.Minimum,9:f3} / {1e3 * timing.Median,7:f3}{amount / timing.Median,9:f1} {unit}"));

        private static GpuMatrix MatrixAt(Location start, int stride, bool transposed = false)
        {
            var arena = (CudaArena)start.Arena;
            return new(arena.Address(start.Offset), stride, arena.Element, transposed);
        }
    }

    private readonly struct Vocabulary : IDimension
    {
        public static int Size => 50257;

        public static int Stored => 50304;
    }

    private readonly struct Width : IDimension
    {
        public static int Size => 768;

        public static int Stored => Size;
    }
}
