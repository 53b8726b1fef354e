using System.Globalization;
using System.Text;
using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>Files of the form in which OpenAI published GPT-1, for a model of two layers: number i of all parameters together is i + 1.</summary>
public sealed class OpenAIParametersTests : IDisposable
{
    private const int Width = 4;
    private const int Context = 6;
    private const int Vocabulary = 11;
    private const int Parts = 10;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryParameterComesFromItsPlace()
    {
        Write();
        using var model = Model();
        ModelCheckpoint.Load(model, _folder.Path);

        // Parameters follow one another in the order of finetune-transformer-lm: tables, then attention, its LayerNorm, the MLP and its LayerNorm.
        var next = 1;
        void Vector(string name, int length) => Assert.Equal(Take(length), model.Read(name));
        void Convolution(string name, int inputs, int outputs)
        {
            var stored = Take(inputs * outputs);
            var rows = Enumerable.Range(0, outputs).SelectMany(
                output => Enumerable.Range(0, inputs).Select(input => stored[(input * outputs) + output]));
            Assert.Equal(rows, model.Read(name + ".weight"));
            Vector(name + ".bias", outputs);
        }

        float[] Take(int count)
        {
            next += count;
            return [.. Enumerable.Range(next - count, count).Select(static number => (float)number)];
        }

        Vector("positions_embed.weight", Context * Width);
        Vector("tokens_embed.weight", Vocabulary * Width);
        for (var layer = 0; layer < 2; layer++)
        {
            Convolution($"h.{layer}.attn.c_attn", Width, 3 * Width);
            Convolution($"h.{layer}.attn.c_proj", Width, Width);
            Vector($"h.{layer}.ln_1.weight", Width);
            Vector($"h.{layer}.ln_1.bias", Width);
            Convolution($"h.{layer}.mlp.c_fc", Width, 4 * Width);
            Convolution($"h.{layer}.mlp.c_proj", 4 * Width, Width);
            Vector($"h.{layer}.ln_2.weight", Width);
            Vector($"h.{layer}.ln_2.bias", Width);
        }

        Assert.Equal(model.Description.Parameters.Sum(static parameter => parameter.Count), next - 1);
    }

    /// <summary>A generated model gets the same weights from OpenAI's files as from Hugging Face's.</summary>
    [Fact]
    public void AGeneratedModelGetsThem()
    {
        using var source = SafetensorsFile.Open(Path.Combine(AppContext.BaseDirectory, "Golden", "gpt1-tiny", "model.safetensors"));
        string[] layer =
        [
            "attn.c_attn.weight", "attn.c_attn.bias", "attn.c_proj.weight", "attn.c_proj.bias", "ln_1.weight", "ln_1.bias",
            "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias", "ln_2.weight", "ln_2.bias",
        ];
        string[] names = [
            "positions_embed.weight", "tokens_embed.weight", .. layer.Select(static name => "h.0." + name),
            .. layer.Select(static name => "h.1." + name)];
        using var device = new CpuDevice(1);
        using var model = Gpt1Tiny.Create(device);
        Write(
            Shapes(model.Description.Context, model.Description.Vocabulary, model.Description.Width),
            [.. names.SelectMany(name =>
                source.ReadAll(source.Tensors.Single(tensor => tensor.Name.EndsWith(name, StringComparison.Ordinal)).Name))]);
        ModelCheckpoint.Load(model, _folder.Path);

        var golden = new GoldenCase("gpt1-tiny");
        foreach (var parameter in model.Description.Parameters)
            Assert.Equal(GoldenCase.Tensor(golden.Weights, "", parameter, model), model.ReadParameter(parameter.Name));
    }

    [Fact]
    public void TheModelIsFoundByItsShapes()
    {
        Write();
        using var model = Model();
        using var other = TestModel.Create();
        using var larger = Model(vocabulary: 12);
        Assert.Same(model.Description, ModelCheckpoint.FindModel(_folder.Path, [other.Description, larger.Description, model.Description]));
        Assert.Null(ModelCheckpoint.FindModel(_folder.Path, [other.Description, larger.Description]));
        Assert.Null(ModelCheckpoint.ReadRunOptions(_folder.Path));
    }

    [Fact]
    public void AnotherModelIsRefusedBeforeAnythingIsWritten()
    {
        Write();
        using var model = Model(vocabulary: 12);
        Assert.Contains("[11, 4] where [12, 4]", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(model, _folder.Path)).Message);
        Assert.All(model.ReadAll(), static value => Assert.Equal(0, value));
    }

    [Fact]
    public void AMissingPartIsNoticed()
    {
        Write();
        File.Delete(_folder.File($"params_{Parts - 1}.npy"));
        AssertRefused("params_8.npy");
        File.Delete(_folder.File("params_0.npy"));
        AssertRefused("params_0.npy' does not exist");
    }

    [Theory]
    [InlineData("{}", "list of shapes")]
    [InlineData("[[2, \"x\"]]", "list of shapes")]
    [InlineData("[[2, -1]]", "list of shapes")]
    [InlineData("[[6, 4], [11, 4]", "list of shapes")]
    [InlineData("[[6, 4], [11, 4]]", "lists 2 parameters")]
    public void WrongShapesAreRefused(string shapes, string cause)
    {
        Write();
        _folder.Write("params_shapes.json", shapes);
        AssertRefused(cause);
    }

    [Theory]
    [InlineData("no array at all", "is a text")]
    [InlineData("\0no array", "does not begin")]
    [InlineData("\u0093NUMPY\u0001\0\u00ff\u00ff{'descr'", "cut off")]
    [InlineData("\u0093NUMPY\u0001\0\u0042\0{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }        \n", "no f32")]
    [InlineData("\u0093NUMPY\u0001\0\u0042\0{'descr': '<f4', 'fortran_order': True, 'shape': (0,), }         \n", "no f32")]
    [InlineData("\u0093NUMPY\u0001\0\u0042\0{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }       \n", "no shape")]
    [InlineData("\u0093NUMPY\u0001\0\u0042\0{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }        \n1234", "promises 12")]
    public void ADamagedPartIsRefused(string content, string cause)
    {
        Write();
        _folder.Write("params_3.npy", Encoding.Latin1.GetBytes(content));
        AssertRefused(cause);
        AssertRefused("params_3.npy");
    }

    private void AssertRefused(string cause)
    {
        using var model = Model();
        var error = Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(model, _folder.Path));
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.All(model.ReadAll(), static value => Assert.Equal(0, value));
    }

    private void Write()
    {
        var shapes = Shapes(Context, Vocabulary, Width);
        Write(shapes, [.. Enumerable.Range(1, shapes.Sum(Count)).Select(static number => (float)number)]);
    }

    private void Write(int[][] shapes, float[] values)
    {
        _folder.Write("params_shapes.json", $"[{string.Join(", ", shapes.Select(static shape => $"[{string.Join(", ", shape)}]"))}]");
        for (var part = 0; part < Parts; part++)
            WritePart(part, values[(values.Length * part / Parts)..(values.Length * (part + 1) / Parts)]);
    }

    private static int Count(int[] shape) => shape.Aggregate(static (product, size) => product * size);

    /// <summary>The shapes of a model of two layers, in OpenAI's order.</summary>
    private static int[][] Shapes(int context, int vocabulary, int width)
    {
        int[][] tables = [[context, width], [vocabulary, width]];
        int[][] layer =
        [
            [1, width, 3 * width], [3 * width], [1, width, width], [width], [width], [width],
            [1, width, 4 * width], [4 * width], [1, 4 * width, width], [width], [width], [width],
        ];
        return [.. tables, .. layer, .. layer];
    }

    private void WritePart(int part, float[] values)
    {
        var header = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({values.Length},), }}")
            .PadRight(117) + "\n";
        var bytes = new List<byte>([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]);
        foreach (var value in values)
            bytes.AddRange(BitConverter.GetBytes(value));
        _folder.Write($"params_{part}.npy", [.. bytes]);
    }

    private static TestModel Model(int vocabulary = Vocabulary) => TestModel.Create(layers: 2, heads: 2, Width, Context, vocabulary, isGpt1: true);
}
