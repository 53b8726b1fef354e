using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GptGen.Features;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen features</c>: the hidden states of a text, one JSON line a token or one for all.</summary>
internal static class FeaturesCommand
{
    private enum Pooling
    {
        None,
        Cls,
        Last,
        Mean,
    }

    internal static Command Create()
    {
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var tokenizer = CommonOptions.Tokenizer();
        var prompt = new Option<string>("--prompt") { Description = "The text.", Required = true, HelpName = "text" };
        var layer = new Option<string?>("--layer", "--layers")
        {
            Description = "The states behind this layer, 0 being the embeddings. Without it the final ones, of GPT-2 behind the last LayerNorm, "
                + "and of ELMo their mix, which 'mix' says too: the one that a task has learned, or the mean.",
            HelpName = "number|mix",
        };
        layer.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !IsMix(text) && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                result.AddError($"--layer is '{text}', but must be a whole number from 0 on, or mix.");
        });
        var pool = CommonOptions.Choice(
            "--pool",
            "One vector: the mean of all tokens, marks included; of a GPT model the last token's, of others the first's ([CLS]); none gives each.",
            Pooling.None);
        var device = new DeviceOptions();
        var command = new Command("features", "Hidden states of a text, one JSON line a token or one for all.")
        {
            model, weights, tokenizer, prompt, layer, pool,
        };
        device.AddTo(command);
        return command.WithWork((result, _) =>
        {
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            var isMasked = found.Entry.Kind == ModelKind.Masked;
            var isDirected = found.Entry.Kind == ModelKind.Bidirectional;
            if (!isMasked && !isDirected)
                found.Entry.Require(ModelKind.Language);
            RequirePooling(result.GetValue(pool), found.Entry.Name, isForward: !isMasked && !isDirected);
            var asked = Layer(result.GetValue(layer), found, mayMix: isDirected);
            if (found.Description.CharactersPerToken > 0)
            {
                var read = (TextWords)Texts.Reader(found.Description, result.GetValue(tokenizer), static () => new TextWords());
                return OfWords(found, read, () => device.Open(result), result.GetValue(prompt)!, asked, result.GetValue(pool));
            }

            var text = found.OpenTokenizer(result.GetValue(tokenizer));
            var tokens = isMasked
                ? WordPieceTokenizer.Require(text).EncodePair(result.GetValue(prompt)!).Tokens
                : text.EncodePrompt(result.GetValue(prompt)!);
            if (tokens.Length == 0 || tokens.Length > found.Description.Context)
                throw new GptGenException(
                    $"The text has {tokens.Length} tokens, but must have between 1 and {found.Description.Context}: give another --prompt.");
            using var runDevice = device.Open(result);
            var states = isMasked ? OfMasked(found, runDevice, tokens, asked)
                : isDirected ? OfDirected(found, runDevice, tokens, asked)
                : OfLanguage(found, runDevice, tokens, asked);
            Write(states, tokens.Length, (writer, row) => writer.WriteNumber("token", tokens[row]), result.GetValue(pool));
            return 0;
        });
    }

    /// <summary>A sentence whose words stand between spaces, between the marks of its beginning and end, by the words' characters.</summary>
    private static int OfWords(LoadedModel found, TextWords reader, Func<Device> open, string prompt, int? layer, Pooling pool)
    {
        int[] words = [reader.BeginOfText!.Value, .. reader.Encode(prompt), reader.EndOfText!.Value];
        if (words.Length == 2 || words.Length > found.Description.Context)
        {
            throw new GptGenException(
                $"The text has {words.Length - 2} words, but must have between 1 and {found.Description.Context - 2}: give another --prompt.");
        }

        var characters = new int[words.Length * WordCharacters.Count];
        WordCharacters.Write(reader, words, characters);
        using var device = open();
        using var loaded = (BidirectionalModel)found.Load(device, MemoryNeed.Losses(1, words.Length, "a shorter --prompt"));
        var states = LayerFeatures.WithLearnedMix(loaded, found.Path).Compute(characters, layer);
        Write(states, words.Length, (writer, row) => writer.WriteString("word", reader.Bytes(words[row])), pool);
        return 0;
    }

    /// <summary>The layer that is asked for; null where none is, or their mix.</summary>
    private static bool IsMix(string layer) => layer.Equals("mix", StringComparison.OrdinalIgnoreCase);

    private static int? Layer(string? given, LoadedModel found, bool mayMix)
    {
        if (given is null || (mayMix && IsMix(given)))
            return null;
        return int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) && layer <= found.Description.Layers
            ? layer
            : throw new GptGenException(
                $"--layer is {given}, but {found.Entry.Name} has {found.Description.Layers}: give a number from 0 to that"
                + $"{(mayMix ? ", or mix" : "")}.");
    }

    // Both directions of a token side by side.
    private static float[] OfDirected(LoadedModel found, Device device, int[] tokens, int? layer)
    {
        using var loaded = (BidirectionalModel)found.Load(device, MemoryNeed.Losses(1, tokens.Length, "a shorter --prompt"));
        return LayerFeatures.WithLearnedMix(loaded, found.Path).Compute(tokens, layer);
    }

    private static float[] OfLanguage(LoadedModel found, Device device, int[] tokens, int? layer)
    {
        if (layer is { } index)
        {
            using var reader = found.LoadLanguage(device, MemoryNeed.Losses(1, tokens.Length, "a shorter --prompt"));
            using var training = reader.CreateTraining(1, tokens.Length);
            // Nothing is predicted.
            training.SetBatch(1, tokens.Length, tokens, Enumerable.Repeat(Device.IgnoredTarget, tokens.Length).ToArray());
            return StatesOf(training, tokens.Length, index);
        }

        using var loaded = found.LoadLanguage(device, MemoryNeed.Inference(new(1, tokens.Length, tokens.Length, tokens.Length)));
        using var graph = loaded.CreateInference(1, tokens.Length, tokens.Length, tokens.Length);
        graph.PrefillAllLogits(tokens.Length, tokens, [tokens.Length], [0]);
        var width = found.Description.Width;
        var states = new float[tokens.Length * width];
        for (var row = 0; row < tokens.Length; row++)
            graph.ReadHidden(row, states.AsSpan(row * width, width));
        return states;
    }

    // Training graphs keep the states of every layer, and need no memory for gradients.
    private static float[] OfMasked(LoadedModel found, Device device, int[] tokens, int? layer)
    {
        using var loaded = found.LoadMasked(device, MemoryNeed.Losses(1, tokens.Length, "a shorter --prompt"));
        using var graph = loaded.CreateTraining(1, tokens.Length);
        graph.SetBatch(tokens.Length, tokens, [], [tokens.Length], [], [], []);
        return StatesOf(graph, tokens.Length, layer);
    }

    private static float[] StatesOf(TrainingGraph graph, int rows, int? layer)
    {
        graph.Forward();
        var states = new float[rows * graph.Model.Description.Width];
        if (layer is { } index)
            graph.ReadHidden(index, states);
        else
            graph.ReadHidden(states);
        return states;
    }

    /// <summary>What has seen the whole text differs: the last token of a model that reads forward, any of one that looks both ways.</summary>
    /// <exception cref="GptGenException">The pooling is for another kind of model.</exception>
    private static void RequirePooling(Pooling pool, string model, bool isForward)
    {
        if (pool == (isForward ? Pooling.Cls : Pooling.Last))
        {
            var (wrong, right) = isForward ? ("cls", "last") : ("last", "cls");
            throw new GptGenException($"--pool is {wrong}, but with {model} it must be {right}, mean or none.");
        }
    }

    private static void Write(float[] states, int rows, Action<Utf8JsonWriter, int> writeName, Pooling pool)
    {
        var width = states.Length / rows;
        using var output = Screen.OpenOutput();
        using var writer = new Utf8JsonWriter(output);
        if (pool != Pooling.None)
        {
            var vector = new float[width];
            RowMean.Of(
                pool switch
                {
                    Pooling.Mean => states,
                    Pooling.Last => states.AsSpan(states.Length - width),
                    _ => states.AsSpan(0, width),
                }, vector);
            Line(() => writer.WriteString("pool", pool.ToString().ToLowerInvariant()), vector, "The vector is");
            return;
        }

        for (var row = 0; row < rows; row++)
            Line(() => writeName(writer, row), states.AsSpan(row * width, width), $"The states of token {row + 1} are");

        void Line(Action first, ReadOnlySpan<float> hidden, string what)
        {
            foreach (var value in hidden)
            {
                if (!float.IsFinite(value))
                    throw LoadedModel.NoNumbers($"{what} no numbers");
            }

            writer.WriteStartObject();
            first();
            writer.WriteStartArray("hidden");
            foreach (var value in hidden)
                writer.WriteNumberValue(value);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.Flush();
            writer.Reset();
            output.WriteByte((byte)'\n');
        }
    }
}
