using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>
/// A class without biases writes the folder that its twin with biases writes, whose names and shapes are Hugging Face's, and reads it.
/// </summary>
public sealed class ZeroBiasesTests : IDisposable
{
    private static readonly Func<Device, Model>[][] s_twins =
    [
        [PlainEncoder.Create, PlainEncoderTwin.Create], [PlainUntied.Create, PlainUntiedTwin.Create],
        [PlainLabeller.Create, PlainLabellerTwin.Create], [PlainReader.Create, PlainReaderTwin.Create],
        [PlainMarian.Create, PlainMarianTwin.Create],
    ];

    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(1);

    public static TheoryData<int> Twins => [.. Enumerable.Range(0, s_twins.Length)];

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Twins))]
    public void AFolderHasWhatTheLibrarysClassHas(int number)
    {
        using var plain = s_twins[number][0](device);
        using var twin = s_twins[number][1](device);
        plain.Initialize(1);
        twin.Initialize(2);
        ModelCheckpoint.Save(plain, folder.File("plain"));
        ModelCheckpoint.Save(twin, folder.File("twin"));
        Assert.Equal(Contents("twin"), Contents("plain"));

        using var again = s_twins[number][0](device);
        List<string> notes = [];
        ModelCheckpoint.Load(again, folder.File("plain"), notes.Add);
        Assert.Empty(notes);
        ModelCheckpoint.Load(twin, folder.File("plain"));
        foreach (var tensor in plain.Description.Tensors)
        {
            Assert.Equal(plain.ReadParameter(tensor.Name), again.ReadParameter(tensor.Name));
            Assert.Equal(plain.ReadParameter(tensor.Name), twin.ReadParameter(tensor.Name));
        }

        var added = twin.Description.Tensors.Select(static tensor => tensor.Name)
            .Except(plain.Description.Tensors.Select(static tensor => tensor.Name)).ToList();
        Assert.NotEmpty(added);
        Assert.All(added, name => Assert.All(twin.ReadParameter(name), static value => Assert.Equal(0, value)));

        // One file carries what the model has.
        ModelCheckpoint.Save(plain, folder.File("one.safetensors"));
        using var one = SafetensorsFile.Open(folder.File("one.safetensors"));
        Assert.Equal(plain.Description.Tensors.Count(), one.Tensors.Count());
    }

    /// <summary>Also the biases of heads and of tokens are the model's: where they are not zero it computes something else.</summary>
    [Theory]
    [InlineData(0, "cls.predictions.bias")]
    [InlineData(0, "cls.predictions.decoder.bias")]
    [InlineData(0, "bert.pooler.dense.bias")]
    [InlineData(0, "bert.encoder.layer.0.attention.self.query.bias")]
    [InlineData(2, "classifier.bias")]
    [InlineData(3, "qa_outputs.bias")]
    [InlineData(4, "model.decoder.layers.0.encoder_attn.v_proj.bias")]
    public void ABiasThatIsNotZeroIsRefused(int number, string name)
    {
        using var plain = s_twins[number][0](device);
        plain.Initialize(1);
        var tensors = ParameterTensors.Sources(plain.Description.Tensors, plain.Parameters, plain.Description.Naming.FileName).ToList();
        Write(0);
        List<string> notes = [];
        ModelCheckpoint.Load(plain, folder.File("in"), notes.Add);
        Assert.Contains("has biases, all zero", Assert.Single(notes));
        Write(1);
        Assert.Contains(
            "use a class with Biases = true", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(plain, folder.File("in"))).Message);

        void Write(float value)
        {
            Directory.CreateDirectory(folder.File("in"));
            SafetensorsWriter.Write(
                folder.File("in/model.safetensors"), [.. tensors, new TensorSource(name, [3], (_, values) => values.Fill(value))], ElementType.F32,
                new Dictionary<string, string>());
        }
    }

    private List<string> Contents(string name)
    {
        using var file = SafetensorsFile.Open(folder.File($"{name}/model.safetensors"));
        return [.. file.Tensors.Select(static tensor => $"{tensor.Name} {tensor.ShapeText}").Order(StringComparer.Ordinal)];
    }
}

// The context is as long as the width and no wider than a layer: shapes alone tell no table from a layer.
[Bert(Layers = 2, Heads = 2, Width = 8, Context = 8, Vocabulary = 19, Biases = false)]
internal sealed partial class PlainEncoder;

[Bert(Layers = 2, Heads = 2, Width = 8, Context = 8, Vocabulary = 19)]
internal sealed partial class PlainEncoderTwin;

[Bert(Layers = 1, Heads = 2, Width = 8, Context = 8, Vocabulary = 19, TiedHead = false, Biases = false)]
internal sealed partial class PlainUntied;

[Bert(Layers = 1, Heads = 2, Width = 8, Context = 8, Vocabulary = 19, TiedHead = false)]
internal sealed partial class PlainUntiedTwin;

[Bert(Layers = 1, Heads = 2, Width = 8, Context = 8, Vocabulary = 19, Biases = false)]
[ClassificationHead(Labels = 3)]
internal sealed partial class PlainLabeller;

[Bert(Layers = 1, Heads = 2, Width = 8, Context = 8, Vocabulary = 19)]
[ClassificationHead(Labels = 3)]
internal sealed partial class PlainLabellerTwin;

[Bert(Layers = 1, Heads = 2, Width = 8, Context = 8, Vocabulary = 19, Biases = false)]
[QuestionAnsweringHead]
internal sealed partial class PlainReader;

[Bert(Layers = 1, Heads = 2, Width = 8, Context = 8, Vocabulary = 19)]
[QuestionAnsweringHead]
internal sealed partial class PlainReaderTwin;

[Seq2Seq(Layers = 1, DecoderLayers = 2, Heads = 2, Width = 8, Context = 8, Vocabulary = 19, Biases = false)]
internal sealed partial class PlainMarian;

[Seq2Seq(Layers = 1, DecoderLayers = 2, Heads = 2, Width = 8, Context = 8, Vocabulary = 19)]
internal sealed partial class PlainMarianTwin;
