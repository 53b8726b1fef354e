using GptGen.Cuda.Driver;
using GptGen.Cuda.Tests.Device;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>Products of few rows in every precision: against the reference, and each row by itself.</summary>
public class FewRowsTests
{
    [Theory]
    [InlineData(GpuPrecision.Float32)]
    [InlineData(GpuPrecision.TensorFloat32)]
    [InlineData(GpuPrecision.BFloat16)]
    public void Results_are_the_references(GpuPrecision precision)
    {
        for (var rows = 1; rows <= CudaDevice.MostFewRows + 1; rows++)
        {
            Compare<Width264, Width40>(precision, rows);
            // Depths of less than a step for each warp, and a tile that is not whole.
            Compare<Width40, Width7>(precision, rows);
        }

        // Columns of which two warps share a tile.
        Compare<Width264, ManyColumns>(precision, 1);
        Compare<Width40, ManyColumns>(precision, 8);
    }

    /// <summary>The first rows of eight are the same to the bit if there are no others.</summary>
    [Theory]
    [InlineData(GpuPrecision.Float32)]
    [InlineData(GpuPrecision.TensorFloat32)]
    [InlineData(GpuPrecision.BFloat16)]
    public void A_row_does_not_depend_on_those_beside_it(GpuPrecision precision)
    {
        using var machine = new TestMachine();
        var all = Run<Width264, Width40>(machine, precision, CudaDevice.MostFewRows);
        for (var rows = 1; rows < CudaDevice.MostFewRows; rows++)
        {
            var some = Run<Width264, Width40>(machine, precision, rows);
            for (var output = 0; output < all.Length; output++)
                Assert.True(all[output].AsSpan(0, rows * 40).SequenceEqual(some[output]), $"Output {output} of {rows} rows.");
        }
    }

    [Theory]
    [InlineData(GpuPrecision.Float32)]
    [InlineData(GpuPrecision.BFloat16)]
    public void Nothing_is_touched_that_should_not_be(GpuPrecision precision)
    {
        using var machine = new TestMachine(("CHECK", "1"));
        foreach (var rows in (int[])[1, 3, 8])
            Run<Width40, Width7>(machine, precision, rows);
        Run<Width264, Width40>(machine, precision, 5);
        Run<Width40, ManyColumns>(machine, precision, 1);
        TestTarget.AssertNothingReported();
    }

    /// <summary>The kernel has products of up to eight rows; of others, and of rows that begin anywhere, cuBLAS is asked.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(8, 0)]
    [InlineData(9, 4)]
    public void Few_rows_are_at_most_eight(int rows, int products)
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine();
        foreach (var isOn in (bool[])[true, false])
        {
            OperatorComparison.Run(machine.Open(GpuPrecision.BFloat16, asked: ProductFusions.All), (device, memory) =>
            {
                ((CudaDevice)device).MultipliesFewRows = isOn;
                var places = Calls<Width264, Width40>(device, memory, rows);
                Assert.Equal(isOn ? products : 4, ((CudaDevice)device).FusedProducts);
                return places;
            });
        }

        Compare<Width15, Width7>(GpuPrecision.BFloat16, rows);
    }

    /// <summary>A head's bias, and logits in f32 of numbers in bf16.</summary>
    [Theory]
    [InlineData(GpuPrecision.Float32, 3e-6)]
    [InlineData(GpuPrecision.BFloat16, 1e-5)]
    public void Logits_are_not_rounded(GpuPrecision precision, double limit)
    {
        using var machine = new TestMachine();
        var (expected, actual) = (Expected(Logits, precision), OperatorComparison.Run(machine.Open(precision), Logits));
        for (var output = 0; output < expected.Length; output++)
        {
            var distance = OperatorComparison.RelativeNorm(expected[output], actual[output]);
            Assert.True(distance <= limit, $"Output {output}: distance {distance:g3}.");
        }

        static Location[] Logits(GptGen.Device device, TestMemory memory)
        {
            var x = memory.Rows<Width40>(TestMemory.Random(1, 3 * 40));
            var weight = memory.Matrix<Width264, Width40>(TestMemory.Random(2, 264 * 40));
            var logits = memory.Rows<Width264>([.. Enumerable.Repeat(double.NaN, 3 * 264)], BufferRole.Logit);
            var biased = memory.Rows<Width264>([.. Enumerable.Repeat(double.NaN, 3 * 264)], BufferRole.Logit);
            device.HeadLogits(x, weight, default, logits);
            device.HeadLogits(x, weight, memory.Vector<Width264>(TestMemory.Random(3, 264)), biased);
            return [logits.Start, biased.Start];
        }
    }

    private static void Compare<TIn, TOut>(GpuPrecision precision, int rows)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        using var machine = new TestMachine();
        var expected = Expected((device, memory) => Calls<TIn, TOut>(device, memory, rows), precision);
        var first = Run<TIn, TOut>(machine, precision, rows);
        var second = Run<TIn, TOut>(machine, precision, rows);
        var limit = precision switch
        {
            GpuPrecision.BFloat16 => 4e-3,
            GpuPrecision.TensorFloat32 when rows > CudaDevice.MostFewRows => 1e-3,
            _ => 3e-6,
        };
        for (var output = 0; output < expected.Length; output++)
        {
            var distance = OperatorComparison.RelativeNorm(expected[output], first[output]);
            Assert.True(distance <= limit, $"{rows} rows of {TIn.Size} to {TOut.Size}, output {output}: distance {distance:g3}.");
            Assert.True(first[output].AsSpan().SequenceEqual(second[output]), $"Output {output} has other bits the second time.");
        }
    }

    private static double[][] Expected(Func<GptGen.Device, TestMemory, Location[]> run, GpuPrecision precision) => OperatorComparison.Run(
        new ReferenceDevice(), run, role => role != BufferRole.Token && new GpuElementTypes(precision).Of(role) == GpuElement.BFloat16);

    private static double[][] Run<TIn, TOut>(TestMachine machine, GpuPrecision precision, int rows)
        where TIn : struct, IDimension
        where TOut : struct, IDimension =>
        OperatorComparison.Run(machine.Open(precision), (device, memory) => Calls<TIn, TOut>(device, memory, rows));

    /// <summary>Every ending; what is written begins as no number.</summary>
    private static Location[] Calls<TIn, TOut>(GptGen.Device device, TestMemory memory, int rows)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        var x = memory.Rows<TIn>(TestMemory.Random(1, rows * TIn.Size));
        var residual = memory.Rows<TOut>(TestMemory.Random(2, rows * TOut.Size));
        var weight = memory.Matrix<TOut, TIn>(TestMemory.Random(3, TOut.Size * TIn.Size));
        var bias = memory.Vector<TOut>(TestMemory.Random(4, TOut.Size));
        Rows<TOut> plain = NoNumbers(), biased = NoNumbers(), activated = NoNumbers(), added = NoNumbers(), alone = NoNumbers();
        device.Linear(x, weight, default, plain);
        device.Linear(x, weight, bias, biased);
        device.LinearActivation(x, weight, bias, Activation.GeluTanh, default, activated);
        device.LinearResidual(x, weight, bias, residual, default, added);
        device.LinearResidual(x, weight, default, residual, default, alone);
        return [plain.Start, biased.Start, activated.Start, added.Start, alone.Start];

        Rows<TOut> NoNumbers() => memory.Rows<TOut>([.. Enumerable.Repeat(double.NaN, rows * TOut.Size)]);
    }

    /// <summary>More than <see cref="CudaDevice.WideVocabulary"/>, and not a whole number of tiles.</summary>
    private readonly struct ManyColumns : IDimension
    {
        public static int Size => 8203;

        public static int Stored => 8203;
    }
}
