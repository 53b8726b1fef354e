using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>elmo-tiny: a bidirectional language model with projected LSTMs, whose clips act, by AllenNLP in f64.</summary>
internal sealed class ElmoGoldenFiles : IDisposable
{
    private readonly SafetensorsFile weights = SafetensorsFile.Open(At("model.safetensors"));
    private readonly SafetensorsFile expected = SafetensorsFile.Open(At("expected.safetensors"));

    public JsonElement Config { get; } = Json("config.json");

    public JsonElement Inputs { get; } = Json("inputs.json");

    public int[] Lengths => Inputs.GetProperty("lengths").Deserialize<int[]>()!;

    public double[] Weight(string name) => Array.ConvertAll(weights.ReadAll(name), static value => (double)value);

    public double[] Expected(string name) => Array.ConvertAll(expected.ReadAll(name), static value => (double)value);

    public void Dispose()
    {
        weights.Dispose();
        expected.Dispose();
    }

    private static string At(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "elmo-tiny", name);

    private static JsonElement Json(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(At(name)));
        return document.RootElement.Clone();
    }
}
