using System.CommandLine;
using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen convert</c>: weights from one format to another.</summary>
internal static class ConvertCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var output = new Option<string>("--out")
        {
            Description = "A folder (Hugging Face), a .safetensors file, a .bin file (llm.c), or a .gguf file (llama.cpp, Ollama).",
            Required = true,
            HelpName = "file|folder",
        };
        var type = CommonOptions.Choice("--type", "Element type of the file; q8_0 and iq4_nl of a .gguf file alone.", ElementType.F32);
        var tokenizer = CommonOptions.Tokenizer();
        var reversed = new Option<bool>("--reversed-clusters")
        {
            Description = "Of a Transformer-XL with an adaptive softmax: the original PyTorch code trained it, which counts clusters from the end.",
        };
        var command = new Command("convert", "Convert weights between Hugging Face, safetensors, llm.c and GGUF.")
        {
            model, weights, tokenizer, output, type, reversed,
        };
        return command.WithWork((result, _) =>
        {
            var target = result.GetValue(output)!;
            ModelCheckpoint.CheckTarget(target);
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            var isReversed = result.GetValue(reversed);
            if (isReversed && found.Description.Naming.ClusterTensors.Count == 0)
            {
                throw new GptGenException(
                    $"--reversed-clusters belongs to Transformer-XL models with two Cutoffs at least: leave it out with {found.Entry.Name}.");
            }

            using var claim = ModelFolder.ClaimExport(target, found.Path, Note.Show);
            var isGguf = GgufFile.HasName(target) && !ModelCheckpoint.IsFolder(target);
            // In llama.cpp a model without a tokenizer is of no use.
            var text = isGguf ? found.OpenTokenizer(result.GetValue(tokenizer)) : FindTokenizer(found, result.GetValue(tokenizer));
            using var device = new CpuDevice(threads: 1);
            using var loaded = found.Load(device, MemoryNeed.Weights, isReversed);
            var missing = found.MissingParts;
            Screen.KeepOutputForData(target);
            Waiting.For("writing the weights", () => ModelCheckpoint.SaveWithout(missing, loaded, target, result.GetValue(type), text));
            if (isGguf && text is { EndOfText: null })
                Note.Show($"the tokenizer '{text.Name}' has no end-of-text token: llama.cpp takes token 11 for it");
            if (text is { Origin: not null } && !isGguf && File.Exists(target))
                Note.Show("a tokenizer is not part of one file: keep it with the weights, or name a folder with --out, which then holds both");
            Screen.People.WriteLine($"written: {target}");
            return 0;
        });
    }

    /// <summary>
    /// The weights' tokenizer. One that nobody named and that cannot be read does not keep the weights from being converted, but is named.
    /// </summary>
    private static Tokenizer? FindTokenizer(LoadedModel found, string? name)
    {
        try
        {
            var tokenizer = found.KnownTokenizer(name);
            if (tokenizer is null)
                Note.Show("no tokenizer lies beside the weights, so none is written (--tokenizer names one)");
            return tokenizer;
        }
        catch (GptGenException error) when (name is null)
        {
            Note.Show($"no tokenizer is written: {error.Message}");
            return null;
        }
    }
}
