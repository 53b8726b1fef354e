using GptGen.Cuda.Driver;
using GptGen.Cuda.Tests.Device;
using GptGen.Emulator;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>Operators whose products cuBLASLt ends, in every precision, against the reference.</summary>
public class FusedProductTests
{
    private const int Rows = 67;

    /// <summary>A case, the precision, and how many of its products cuBLASLt computes at widths that it serves.</summary>
    public static TheoryData<string, GpuPrecision, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, GpuPrecision, int>();
            foreach (var precision in Enum.GetValues<GpuPrecision>())
            {
                cases.Add("linear", precision, 3);
                cases.Add("residual", precision, 2);
                // With dropout only the bias.
                cases.Add("dropped residual", precision, 1);
                cases.Add("GeluTanh", precision, 4);
                // What is kept is relu's argument, of which cuBLASLt has only the sign: only the bias.
                cases.Add("Relu", precision, 3);
                cases.Add("Silu", precision, 2);
                cases.Add("back through GeluTanh", precision, 1);
                cases.Add("back through Relu", precision, 0);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Results_are_the_references(string name, GpuPrecision precision, int products)
    {
        using var machine = new TestMachine();
        var expected = Expected<Width264, Width40>(name, precision);
        var first = Run<Width264, Width40>(machine, name, precision, ProductFusions.All, products);
        var second = Run<Width264, Width40>(machine, name, precision, ProductFusions.All, products);
        for (var output = 0; output < expected.Length; output++)
        {
            var distance = OperatorComparison.RelativeNorm(expected[output], first[output]);
            Assert.True(distance <= Limit(precision, name), $"Output {output}: distance {distance:g3}.");
            Assert.True(first[output].AsSpan().SequenceEqual(second[output]), $"Output {output} has other bits the second time.");
        }
    }

    /// <summary>At widths whose rows begin anywhere, nothing is asked of cuBLASLt, and the results are right.</summary>
    [Theory]
    [InlineData("linear")]
    [InlineData("residual")]
    [InlineData("dropped residual")]
    [InlineData("GeluTanh")]
    [InlineData("back through GeluTanh")]
    public void What_is_not_aligned_is_computed_otherwise(string name)
    {
        const GpuPrecision precision = GpuPrecision.BFloat16;
        using var machine = new TestMachine();
        var expected = Expected<Width15, Width7>(name, precision);
        var actual = Run<Width15, Width7>(machine, name, precision, ProductFusions.All, products: 0);
        for (var output = 0; output < expected.Length; output++)
            Assert.True(OperatorComparison.RelativeNorm(expected[output], actual[output]) <= Limit(precision), $"Output {output}.");
    }

    /// <summary>Widths of which only some products can be ended so: a second matrix has a stride of a multiple of eight.</summary>
    [Fact]
    public void What_is_not_served_is_computed_otherwise()
    {
        using var machine = new TestMachine();
        var expected = Expected<Width148, Width36>("GeluTanh", GpuPrecision.Float32);
        // Those that keep nothing; of one that keeps, the bias.
        var actual = Run<Width148, Width36>(machine, "GeluTanh", GpuPrecision.Float32, ProductFusions.All, products: 3);
        for (var output = 0; output < expected.Length; output++)
            Assert.True(OperatorComparison.RelativeNorm(expected[output], actual[output]) <= Limit(GpuPrecision.Float32), $"Output {output}.");
    }

    /// <summary>Each is chosen alone.</summary>
    [Theory]
    [InlineData("linear", "bias", 1)]
    [InlineData("linear", "bias-gradient", 2)]
    [InlineData("residual", "residual", 2)]
    [InlineData("GeluTanh", "activation", 4)]
    [InlineData("back through GeluTanh", "activation-gradient", 1)]
    [InlineData("back through GeluTanh", "bias,residual,activation,bias-gradient", 0)]
    [InlineData("residual", "none", 0)]
    public void A_fusion_is_made_where_it_is_asked_for(string name, string fusions, int products)
    {
        using var machine = new TestMachine();
        Run<Width264, Width40>(machine, name, GpuPrecision.BFloat16, AskedFusions.Parse(fusions, GpuPrecision.BFloat16), products);
    }

    /// <summary>Whatever cuBLASLt would leave out shows.</summary>
    [Theory]
    [InlineData("linear", "bias")]
    [InlineData("linear", "sums")]
    [InlineData("residual", "bias")]
    [InlineData("residual", "residual")]
    [InlineData("GeluTanh", "bias")]
    [InlineData("GeluTanh", "gelu")]
    [InlineData("GeluTanh", "kept")]
    [InlineData("back through GeluTanh", "slope")]
    public void A_part_that_is_left_out_is_found(string name, string omitted)
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine(("OMITTED", omitted));
        foreach (var precision in Enum.GetValues<GpuPrecision>())
        {
            var expected = Expected<Width264, Width40>(name, precision);
            var actual = Run<Width264, Width40>(machine, name, precision, ProductFusions.All, products: null);
            var worst = expected.Zip(actual, OperatorComparison.RelativeNorm).Max();
            Assert.True(worst > 10 * Limit(precision), $"{precision}: distance {worst:g3}.");
        }
    }

    /// <summary>The first product of a shape makes its plan, later ones allocate nothing.</summary>
    [Fact]
    public void A_call_allocates_nothing()
    {
        using var machine = new TestMachine();
        using var device = machine.Open(GpuPrecision.BFloat16, asked: ProductFusions.All);
        using var memory = new TestMemory(device);
        var x = memory.Rows<Width264>(TestMemory.Random(1, Rows * 264));
        var (y, residual) = (memory.Rows<Width40>(new double[Rows * 40]), memory.Rows<Width40>(new double[Rows * 40]));
        var (weight, bias) = (memory.Matrix<Width40, Width264>(TestMemory.Random(2, 40 * 264)), memory.Vector<Width40>(new double[40]));
        Call();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < 100; call++)
            Call();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(202, device.FusedProducts);

        void Call()
        {
            device.LinearResidual(x, weight, bias, residual, default, y);
            device.LinearActivation(x, weight, bias, Activation.GeluTanh, default, y);
        }
    }

    [Theory]
    [InlineData("none", (int)ProductFusions.None)]
    [InlineData("all", (int)ProductFusions.All)]
    [InlineData("bias, activation-gradient", (int)(ProductFusions.Bias | ProductFusions.ActivationGradient))]
    public void Fusions_have_names(string text, int fusions)
    {
        foreach (var precision in Enum.GetValues<GpuPrecision>())
            Assert.Equal((ProductFusions)fusions, AskedFusions.Parse(text, precision));
    }

    /// <summary>Without names, those that were measured to be faster; with them, those and no others.</summary>
    [Theory]
    [InlineData(GpuPrecision.Float32, "GeluTanh", 2)]
    [InlineData(GpuPrecision.TensorFloat32, "residual", 2)]
    [InlineData(GpuPrecision.BFloat16, "GeluTanh", 4)]
    [InlineData(GpuPrecision.BFloat16, "back through GeluTanh", 1)]
    [InlineData(GpuPrecision.BFloat16, "linear", 1)]
    public void Fusions_are_by_themselves_those_that_are_faster(GpuPrecision precision, string name, int products)
    {
        Assert.Equal(AskedFusions.Measured(precision), AskedFusions.Parse(null, precision));
        Assert.Equal(AskedFusions.Measured(precision), AskedFusions.Parse("", precision));
        using var machine = new TestMachine();
        Run<Width264, Width40>(machine, name, precision, fusions: null, products);
    }

    [Fact]
    public void An_unknown_fusion_is_refused()
    {
        var error = Assert.Throws<GptGenException>(static () => AskedFusions.Parse("bias,gelu", GpuPrecision.BFloat16));
        Assert.Contains("GPTGEN_CUDA_FUSED has 'gelu': take some of none, all, bias, residual,", error.Message);
    }

    private static double Limit(GpuPrecision precision, string name = "") => precision switch
    {
        // The tanh of a real cuBLASLt is by the hardware: less exact than ours.
        GpuPrecision.Float32 when TestTarget.IsRealGpu && name == "back through GeluTanh" => 1e-5,
        GpuPrecision.Float32 => 3e-6,
        GpuPrecision.TensorFloat32 => 1e-3,
        _ => 4e-3,
    };

    private static double[][] Expected<TIn, TOut>(string name, GpuPrecision precision)
        where TIn : struct, IDimension
        where TOut : struct, IDimension =>
        OperatorComparison.Run(
            new ReferenceDevice(), (device, memory) => Calls<TIn, TOut>(device, memory, name),
            role => role != BufferRole.Token && new GpuElementTypes(precision).Of(role) == GpuElement.BFloat16);

    private static double[][] Run<TIn, TOut>(TestMachine machine, string name, GpuPrecision precision, ProductFusions? fusions, int? products)
        where TIn : struct, IDimension
        where TOut : struct, IDimension =>
        OperatorComparison.Run(machine.Open(precision, asked: fusions), (device, memory) =>
        {
            var places = Calls<TIn, TOut>(device, memory, name);
            // Of a real one the benchmark says what it serves.
            if (products is { } expected && !TestTarget.IsRealGpu)
                Assert.Equal(expected, ((CudaDevice)device).FusedProducts);
            return places;
        });

    private static Location[] Calls<TIn, TOut>(GptGen.Device device, TestMemory memory, string name)
        where TIn : struct, IDimension
        where TOut : struct, IDimension =>
        name switch
        {
            "linear" => LinearCase.Run<TIn, TOut>(device, memory, Rows),
            "residual" or "dropped residual" => LinearCase.RunResidual<TIn, TOut>(device, memory, Rows, drop: name != "residual"),
            _ when name.StartsWith("back through ", StringComparison.Ordinal) =>
                LinearCase.RunBackwardActivation<TIn, TOut>(device, memory, Rows, Enum.Parse<Activation>(name["back through ".Length..])),
            _ => LinearCase.RunActivation<TIn, TOut>(device, memory, Rows, Enum.Parse<Activation>(name)),
        };
}
