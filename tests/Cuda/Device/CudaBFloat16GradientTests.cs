using GptGen.Runtime.Tests.Golden;
using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>
/// Gradients in bf16 beside the CPU's with the same weights, rounded to bf16 as the GPU rounds them. The golden models are tiny and steep: of the
/// encoder-decoder, ELMo and others the rounding of the weights alone moves gradients by up to a tenth, which says nothing of the kernels. What is
/// left is the rounding of activations on the way, by norm and tensor.
/// </summary>
public class CudaBFloat16GradientTests
{
    /// <summary>Gradients so small beside the largest cancel each other, as a key's bias does: what is left of them is rounding.</summary>
    private const double Vanishing = 1e-2;

    [Theory]
    [InlineData("gpt1-tiny", 2e-2)]
    [InlineData("gpt2-tiny", 2e-2)]
    [InlineData("gpt2-tiny-hot", 3e-2)]
    public void Gpt(string name, double limit) => Compare(new GoldenCase(name), device => GoldenModels.Create(name, device), limit);

    /// <summary>The same where cuBLASLt does within products what it can.</summary>
    [Theory]
    [InlineData("gpt1-tiny", 2e-2)]
    [InlineData("gpt2-tiny", 2e-2)]
    public void Gpt_with_more_within_products(string name, double limit) =>
        Compare(new GoldenCase(name), device => GoldenModels.Create(name, device), limit, ProductFusions.All);

    [Theory]
    [InlineData("gpt1-tiny-clf", 2e-2)]
    [InlineData("gpt1-tiny-mc", 6e-2)]
    [InlineData("bert-tiny2-clf", 2e-2)]
    public void Tasks(string name, double limit) => Compare(new TaskGoldenCase(name), device => GoldenModels.CreateTask(name, device), limit);

    /// <summary>Two sentences' labels, whose gradients nearly take each other away; all others are within 2e-2.</summary>
    [Fact]
    public void Bert() => Compare(new MaskedGoldenCase("bert-tiny2"), BertTiny.Create, 6e-2);

    /// <summary>ReLU's kinks, as below.</summary>
    [Theory]
    [InlineData("transfo-xl-tiny2", 4e-2)]
    [InlineData("transfo-xl-adaptive", 6e-2)]
    public void TransformerXL(string name, double limit) =>
        Compare(new SegmentGoldenCase(name), device => GoldenModels.CreateSegment(name, device), limit);

    [Fact]
    public void Elmo() => Compare(new ElmoGoldenCase(), ElmoTiny.Create, 2e-2);

    /// <summary>ReLU's kinks between normalised sums: whether a number is above zero is decided by the last digit of many.</summary>
    [Fact]
    public void EncoderDecoder() => Compare(new TranslationGoldenCase("seq2seq-tiny", 0.1f), Seq2SeqTiny.Create, 0.15);

    private static void Compare<TModel>(
        GoldenFiles golden, Func<GptGen.Device, TModel> create, double limit, ProductFusions fusions = ProductFusions.None)
        where TModel : Model
    {
        using var cpu = new CpuDevice(1);
        var expected = Gradients(cpu, golden, create, Round);
        using var machine = new TestMachine();
        using var gpu = machine.Open(GpuPrecision.BFloat16, asked: fusions);
        var actual = Gradients(gpu, golden, create, static _ => { });
        Assert.True(TestTarget.IsRealGpu || gpu.FusedProducts > 0 == (fusions != ProductFusions.None));
        var largest = expected.Values.Max(static gradient => Norm(gradient) / Math.Sqrt(gradient.Length));
        var compared = expected.Where(entry => Norm(entry.Value) / Math.Sqrt(entry.Value.Length) > Vanishing * largest).ToList();
        Assert.InRange(compared.Count, (expected.Count / 2) + 1, expected.Count);
        Assert.All(compared, entry =>
        {
            var distance = Norm([.. entry.Value.Zip(actual[entry.Key], static (a, b) => a - b)]) / Norm(entry.Value);
            Assert.True(distance <= limit, FormattableString.Invariant($"The gradient of {entry.Key} is {distance:e1} away."));
        });
    }

    private static Dictionary<string, float[]> Gradients<TModel>(
        GptGen.Device device, GoldenFiles golden, Func<GptGen.Device, TModel> create, Action<Model> prepare)
        where TModel : Model
    {
        using var model = create(device);
        golden.Load(model);
        prepare(model);
        using var training = golden.Begin(model);
        training.Forward();
        training.Backward(accumulate: false);
        return model.Description.Tensors.Where(static tensor => !tensor.IsFrozen)
            .ToDictionary(static tensor => tensor.Name, tensor => training.ReadGradient(tensor.Name));
    }

    /// <summary>To the nearest, ties to even.</summary>
    private static void Round(Model model)
    {
        var weights = new float[model.Parameters.Elements];
        model.Parameters.Read(0, weights);
        foreach (ref var weight in weights.AsSpan())
        {
            var bits = BitConverter.SingleToUInt32Bits(weight);
            weight = BitConverter.UInt32BitsToSingle(bits + 0x7fff + ((bits >> 16) & 1) & 0xffff0000);
        }

        model.Parameters.Write(0, weights);
    }

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(static value => (double)value * value));
}
