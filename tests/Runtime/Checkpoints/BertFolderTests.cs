using System.Buffers.Binary;
using System.Text.Json.Nodes;
using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>The golden classifier in the ways in which Hugging Face's folders of BERT have been written over the years.</summary>
public sealed class BertFolderTests : IDisposable
{
    private const string Name = "bert-tiny2-clf";
    private const int Positions = 25;

    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(1);

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    public void EveryWayIsTheSameModel(bool hasOldNames, bool lacksPrefix, bool hasPositions)
    {
        WriteFolder(hasOldNames, lacksPrefix, hasPositions);
        using var model = BertTinyClassifier.Create(device);
        ModelCheckpoint.Load(model, folder.Path);
        var golden = new TaskGoldenCase(Name);
        Assert.All(
            model.Description.Tensors,
            tensor => Assert.Equal(GoldenFiles.Tensor(golden.Weights, "", tensor, model), model.ReadParameter(tensor.Name)));
        Assert.Equal(
            BertTinyClassifier.Specification, ModelCheckpoint.FindModel(folder.Path, [Gpt1Tiny.Specification, BertTinyClassifier.Specification]));
    }

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    private void WriteFolder(bool hasOldNames, bool lacksPrefix, bool hasPositions)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Golden", Name);
        var bytes = File.ReadAllBytes(Path.Combine(source, "model.safetensors"));
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        byte[] data = bytes[(8 + length)..];
        var renamed = new JsonObject();
        foreach (var (name, entry) in JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject())
        {
            var key = hasOldNames ? name.Replace("LayerNorm.weight", "LayerNorm.gamma").Replace("LayerNorm.bias", "LayerNorm.beta") : name;
            renamed[lacksPrefix && key.StartsWith("bert.", StringComparison.Ordinal) ? key["bert.".Length..] : key] = entry!.DeepClone();
        }

        if (hasPositions)
        {
            var end = data.Length + (Positions * sizeof(long));
            renamed[lacksPrefix ? "embeddings.position_ids" : "bert.embeddings.position_ids"] = new JsonObject
            {
                ["dtype"] = "I64", ["shape"] = new JsonArray(1, Positions), ["data_offsets"] = new JsonArray(data.Length, end),
            };
            data = [.. data, .. new byte[Positions * sizeof(long)]];
        }

        folder.Write("model.safetensors", RawSafetensors.Bytes(renamed.ToJsonString(), data));
        folder.Write("config.json", File.ReadAllBytes(Path.Combine(source, "config.json")));
    }
}
