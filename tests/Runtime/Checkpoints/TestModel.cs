using GptGen.Reference;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>A GPT-2 without code: a description, and weights. Checkpoints need arenas and no operator, so any device will do.</summary>
internal sealed class TestModel(ModelDescription description) : LanguageModel(new ReferenceDevice(), description)
{
    // Rows beyond the vocabulary, as a generated model has them.
    private const int PaddedRows = 16;

    public override LanguageTrainingGraph CreateTraining(int sequences, int length) => throw new NotSupportedException();

    public override LanguageInferenceGraph CreateInference(int slots, int capacity, int prefillRows, int logitRows) =>
        throw new NotSupportedException();

    /// <summary>The shape of the golden files' models.</summary>
    public static TestModel Golden() => Create(layers: 2, heads: 2, width: 32, context: 64, vocabulary: 257);

    public static TestModel Create(
        int layers = 2, int heads = 2, int width = 4, int context = 6, int vocabulary = 11, bool tied = true,
        Activation activation = Activation.GeluTanh, bool isGpt1 = false)
    {
        var parameters = Lay(layers, width, context, vocabulary, tied, isGpt1);
        var last = parameters[^1];
        return new(new ModelDescription
        {
            Name = "TestModel",
            Family = isGpt1 ? "openai-gpt" : "gpt2",
            Layers = layers,
            Heads = heads,
            Width = width,
            HiddenWidth = 4 * width,
            Context = context,
            Vocabulary = vocabulary,
            Epsilon = 1e-5f,
            Dropout = 0,
            TiedHead = tied,
            Biases = true,
            Activation = activation,
            LayerNorm = isGpt1 ? LayerNormPlacement.After : LayerNormPlacement.Before,
            ParameterCount = parameters.Sum(static parameter => (long)parameter.Count),
            ParameterElements = last.Offset + last.Count,
            TrainedElements = last.Offset + last.Count,
            DecayedElements = 0,
            Parameters = parameters,
            Config = TestConfig.Of(layers, heads, width, context, vocabulary, tied, activation, isGpt1),
            Naming = Naming(tied, isGpt1 ? "tokens_embed.weight" : "wte.weight"),
            Manifest = [],
            TrainingElements = static (_, _, _) => [],
            InferenceElements = static _ => [],
        });
    }

    /// <summary>Every weight another number, none zero.</summary>
    public TestModel Fill(int seed = 1)
    {
        Fill(Parameters, seed);
        return this;
    }

    public Arena Moments(int seed)
    {
        var arena = Device.Allocate(BufferRole.Moment, Description.TrainedElements);
        if (seed != 0)
            Fill(arena, seed);
        return arena;
    }

    public float[] Read(string name, Arena? arena = null)
    {
        var parameter = Description.Parameters.Single(parameter => parameter.Name == name);
        var values = new float[parameter.Count];
        (arena ?? Parameters).Read(parameter.Offset, values);
        return values;
    }

    public float[] ReadAll(Arena? arena = null) => [.. Description.Parameters.SelectMany(parameter => Read(parameter.Name, arena))];

    private void Fill(Arena arena, int seed)
    {
        var random = new Random(seed);
        foreach (var parameter in Description.Parameters.Where(parameter => parameter.Offset < arena.Elements))
        {
            var values = new float[parameter.Count];
            for (var index = 0; index < values.Length; index++)
                values[index] = random.NextSingle() - 0.5f;
            arena.Write(parameter.Offset, values);
        }
    }

    private static TensorNaming Naming(bool tied, string table) => new()
    {
        Prefix = "transformer.",
        LayerPrefix = "h.",
        Heads = ["lm_head", "clf_head", "multiple_choice_head"],
        TokenTensors = tied ? [table] : [table, "lm_head.weight"],
        Copies = tied ? [new("lm_head.weight", table)] : [],
        Ignored = [".attn.bias", ".attn.masked_bias", ".attn.mask", "position_ids"],
    };

    private static List<ParameterInfo> Lay(int layers, int width, int context, int vocabulary, bool tied, bool isGpt1)
    {
        var parameters = new List<ParameterInfo>();
        nint offset = 0;
        void Add(string name, int rows, int columns, StoredLayout layout = StoredLayout.Linear, int padding = 0)
        {
            parameters.Add(new(name, offset, rows, columns, layout, Initialization.Normal, 0.02f));
            offset += parameters[^1].Count + (padding * columns);
        }

        Add(isGpt1 ? "tokens_embed.weight" : "wte.weight", vocabulary, width, padding: PaddedRows);
        Add(isGpt1 ? "positions_embed.weight" : "wpe.weight", context, width);
        if (!tied)
            Add("lm_head.weight", vocabulary, width, padding: PaddedRows);
        for (var layer = 0; layer < layers; layer++)
        {
            void Block(string name, int rows, int columns)
            {
                Add($"h.{layer}.{name}.weight", rows, columns, columns > 0 ? StoredLayout.Conv1D : StoredLayout.Linear);
                Add($"h.{layer}.{name}.bias", rows, 0);
            }

            Block("ln_1", width, 0);
            Block("attn.c_attn", 3 * width, width);
            Block("attn.c_proj", width, width);
            Block("ln_2", width, 0);
            Block("mlp.c_fc", 4 * width, width);
            Block("mlp.c_proj", width, 4 * width);
        }

        // GPT-1's blocks end normalised.
        if (isGpt1)
            return parameters;
        Add("ln_f.weight", width, 0);
        Add("ln_f.bias", width, 0);
        return parameters;
    }
}
