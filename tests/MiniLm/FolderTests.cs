using GptGen.Checkpoints;
using Xunit;

namespace GptGen.MiniLm.Tests;

/// <summary>The folder that is written of the package's ONNX file.</summary>
public sealed class FolderTests(MiniLmFiles files)
{
    [Fact]
    public void EveryWeightOfTheModelIsThere()
    {
        using var file = SafetensorsFile.Open(Path.Combine(files.Path, "model.safetensors"));
        var shapes = file.Tensors.ToDictionary(static tensor => tensor.Name, static tensor => string.Join('x', tensor.Shape));
        Assert.Equal(5 + (6 * 16) + 2, shapes.Count);
        Assert.Equal(22_713_216, file.Tensors.Sum(static tensor => tensor.Count));
        Assert.Equal("30522x384", shapes["embeddings.word_embeddings.weight"]);
        for (var layer = 0; layer < 6; layer++)
        {
            foreach (var part in (string[])["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"])
                Assert.Equal(("384x384", "384"), (shapes[$"encoder.layer.{layer}.{part}.weight"], shapes[$"encoder.layer.{layer}.{part}.bias"]));
            Assert.Equal("1536x384", shapes[$"encoder.layer.{layer}.intermediate.dense.weight"]);
            Assert.Equal("384x1536", shapes[$"encoder.layer.{layer}.output.dense.weight"]);
        }
    }
}
