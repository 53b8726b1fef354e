using System.Globalization;
using GptGen.Cpu;

namespace GptGen.Benchmarks.Cpu;

/// <summary>
/// The products of GPT-2 124M and of a small model: time and rate beside the machine's own ceilings, multiply-adds on
/// registers for matrix products, read bandwidth for thin ones.
/// </summary>
internal static unsafe class GemmBenchmark
{
    /// <summary>Floats of each operand's memory: the head's weights and more, far beyond every cache.</summary>
    private const int OperandFloats = 50304 * 1024;

    private static readonly Shape[] Shapes =
    [
        .. LayerShapes("", 256, 768),
        .. LayerShapes("", 1024, 768),
        .. HeadShapes("", 256, 768, 50304),
        .. LayerShapes("nano ", 1536, 128),
        .. HeadShapes("nano ", 1536, 128, 256),
    ];

    /// <summary>Runs the tables; the arguments are the number of threads, then vector widths and the beginnings of products' names.</summary>
    public static int Run(string[] arguments)
    {
        int threads = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        ILookup<bool, string> choices = arguments.Skip(1).ToLookup(static argument => char.IsDigit(argument[0]));
        SimdLevel[] levels = choices[true].Any()
            ? [.. choices[true].Select(static width => Enum.Parse<SimdLevel>($"Vector{width}"))]
            : [.. SimdHardware.Available];
        Shape[] shapes = choices[false].Any() ? [.. Shapes.Where(shape => choices[false].Any(shape.Name.StartsWith))] : Shapes;
        if (levels.Except(SimdHardware.Available).Any())
        {
            Console.Error.WriteLine($"This processor's vectors have at most {128 << (int)SimdHardware.Best} bits: leave wider ones out.");
            return 1;
        }

        using var pool = new WorkerPool(threads);
        using NativeBuffer a = Random(OperandFloats), b = Random(OperandFloats), c = Random(OperandFloats);
        foreach (SimdLevel level in levels)
        {
            Products(pool, level, shapes, a.Floats, b.Floats, c.Floats);
            if (shapes == Shapes)
                ThinProducts(pool, level, a.Floats, b.Floats, c.Floats);
        }

        return 0;
    }

    private static IEnumerable<Shape> LayerShapes(string model, int rows, int width) =>
        new[] { ("qkv", width, 3 * width), ("projection", width, width), ("up", width, 4 * width), ("down", 4 * width, width) }
            .SelectMany(product => LinearShapes(model + product.Item1, rows, product.Item2, product.Item3));

    private static IEnumerable<Shape> HeadShapes(string model, int rows, int width, int vocabulary) =>
        LinearShapes($"{model}head", rows, width, vocabulary);

    private static IEnumerable<Shape> LinearShapes(string name, int rows, int inputs, int outputs) =>
    [
        new($"{name} forward", rows, outputs, inputs, false, true),
        new($"{name} dX", rows, inputs, outputs, false, false),
        new($"{name} dW", outputs, inputs, rows, true, false),
    ];

    private static void Products(WorkerPool pool, SimdLevel level, Shape[] shapes, float* a, float* b, float* c)
    {
        using var workspace = new GemmWorkspace(pool, level);
        Console.WriteLine(
            $"\n{level}, {pool.ThreadCount} threads, in turn with multiply-adds on registers alone; GFLOP/s by the fastest, shares of the peak");
        Console.WriteLine($"{"product",-20}{"M",7}{"N",7}{"K",7}{"min ms",10}{"median",10}{"GFLOP/s",10}{"peak",8}{"fastest",9}{"middle",9}");
        foreach (Shape shape in shapes)
        {
            var left = new MatrixOperand(a, shape.TransposeA ? shape.M : shape.K, shape.TransposeA);
            var right = new MatrixOperand(b, shape.TransposeB ? shape.K : shape.N, shape.TransposeB);
            double flops = 2.0 * shape.M * shape.N * shape.K;
            int repeats = (int)Math.Clamp(2e9 / flops, 1, 50);
            (Timing timing, Timing peak) = Timing.InTurn(
                () =>
                {
                    for (int i = 0; i < repeats; i++)
                    {
                        Gemm.Multiply(workspace, shape.M, shape.N, shape.K, left, right, c, shape.N);
                    }
                },
                () => Ceilings.MultiplyAdd(pool, level, pool.ThreadCount),
                runs: 21);
            double rate = flops * repeats / timing.Minimum / 1e9, best = Ceilings.MultiplyAddFlops(level, pool.ThreadCount) / peak.Minimum / 1e9;
            double middle = flops * repeats / timing.Median / (Ceilings.MultiplyAddFlops(level, pool.ThreadCount) / peak.Median);
            Console.WriteLine(
                $"{shape.Name,-20}{shape.M,7}{shape.N,7}{shape.K,7}{timing.Minimum / repeats * 1e3,10:f3}"
                + $"{timing.Median / repeats * 1e3,10:f3}{rate,10:f1}{best,8:f0}{rate / best,9:p0}{middle,9:p0}");
        }
    }

    private static void ThinProducts(WorkerPool pool, SimdLevel level, float* x, float* w, float* y)
    {
        using var workspace = new GemmWorkspace(pool, level);
        nint all = OperandFloats;
        double bandwidth = Ceilings.ReadBandwidth(pool, level, pool.ThreadCount, w, all);
        Console.WriteLine($"\n{level}, {pool.ThreadCount} threads: read bandwidth {bandwidth:f1} GB/s");
        Console.WriteLine($"{"thin product",-20}{"M",7}{"N",7}{"K",7}{"min ms",10}{"median",10}{"GB/s",10}{"of read",9}{"packed ms",11}{"ratio",8}");
        foreach ((int outputs, int inputs) in new[]
            {
                (2304, 768), (768, 768), (3072, 768), (768, 3072), (50304, 768), (384, 384), (1536, 384), (384, 1536),
            })
        {
            foreach (int rows in new[] { 1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 128, 512 })
            {
                // A different part of the memory each time: weights do not stay in the cache between tokens.
                nint size = (nint)outputs * inputs;
                nint places = all / size;
                Timing timing = Timing.Measure(
                    () =>
                    {
                        for (nint place = 0; place < places; place++)
                        {
                            ThinProduct.Multiply(
                                pool, level, rows, outputs, inputs, x, inputs, new(w + place * size, inputs), y, outputs);
                        }
                    },
                    runs: 11);
                Timing packed = Timing.Measure(
                    () =>
                    {
                        for (nint place = 0; place < places; place++)
                        {
                            Gemm.Multiply(
                                workspace, rows, outputs, inputs, new(x, inputs), new(w + place * size, inputs, transposed: true), y, outputs);
                        }
                    },
                    runs: 5);
                double rate = size * places * sizeof(float) / timing.Minimum / 1e9;
                Console.WriteLine(
                    $"{string.Empty,-20}{rows,7}{outputs,7}{inputs,7}{timing.Minimum / places * 1e3,10:f3}"
                    + $"{timing.Median / places * 1e3,10:f3}{rate,10:f1}{rate / bandwidth,9:p0}"
                    + $"{packed.Minimum / places * 1e3,11:f3}{timing.Minimum / packed.Minimum,8:f2}");
            }
        }
    }

    private static NativeBuffer Random(nint count)
    {
        NativeBuffer buffer = NativeBuffer.OfFloats(count);
        var random = new Random(1);
        for (nint i = 0; i < count; i++)
        {
            buffer.Floats[i] = random.NextSingle() - 0.5f;
        }

        return buffer;
    }

    private sealed record Shape(string Name, int M, int N, int K, bool TransposeA, bool TransposeB);
}
