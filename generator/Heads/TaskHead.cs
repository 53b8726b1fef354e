using GptGen.Generator.Architectures;
using GptGen.Generator.Graph;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Heads;

/// <summary>
/// A kind of task head (Radford et al. 2018, section 3.3): the final states at the classify tokens, their members added, are projected
/// to scores, of which the softmax-cross-entropy is the task's loss. Kinds differ in how many sequences and scores make an example. A head of one
/// class is graded: its score is regressed on a number by squared error.
/// </summary>
/// <param name="Kind">The member of the runtime's TaskKind.</param>
/// <param name="CountName">The attribute's argument that says how many classes there are.</param>
/// <param name="DefaultCount">Its default.</param>
/// <param name="IsChoice">Whether each class has sequences and one score of its own, so that the head has a single output.</param>
/// <param name="ParameterName">The projection's name in files.</param>
/// <param name="LeastCount">The fewest classes: two, since fewer leave nothing to decide, or one where the kind can be graded.</param>
internal sealed record TaskHead(string Kind, string CountName, int DefaultCount, bool IsChoice, string ParameterName, int LeastCount = 2)
{
    /// <summary>What the heads' attributes derive from.</summary>
    public const string AttributeBase = "GptGen.TaskHeadAttribute";

    /// <summary>The tokens that every head adds behind the vocabulary: start, delimiter, classify.</summary>
    public const int SpecialTokens = 3;

    /// <summary>The weight of the language model's loss beside the task's, where the attribute does not say it.</summary>
    public const float DefaultLanguageModelWeight = 0.5f;

    /// <summary>The kinds, by the metadata name of their attribute. A new kind adds its line here.</summary>
    public static IReadOnlyDictionary<string, TaskHead> ByAttribute { get; } = new Dictionary<string, TaskHead>(StringComparer.Ordinal)
    {
        ["GptGen.ClassificationHeadAttribute"] = new("Classification", "Labels", 2, IsChoice: false, "clf_head"),
        ["GptGen.EntailmentHeadAttribute"] = new("Entailment", "Labels", 3, IsChoice: false, "clf_head"),
        ["GptGen.SimilarityHeadAttribute"] = new("Similarity", "Labels", 2, IsChoice: false, "clf_head", LeastCount: 1),
        ["GptGen.MultipleChoiceHeadAttribute"] = new("MultipleChoice", "Choices", 2, IsChoice: true, "multiple_choice_head.summary"),
    };

    /// <summary>First words of the projections' names in files.</summary>
    public static IEnumerable<string> FileWords => ByAttribute.Values.Select(kind => kind.ParameterName.Split('.')[0]).Distinct();

    /// <summary>The head's keys of config.json: Hugging Face's "num_labels", and what it has no names for.</summary>
    public IEnumerable<ConfigKey> Config(ModelSpec spec, HeadSpec head) =>
    [
        new(IsChoice ? "num_choices" : "num_labels", head.Classes),
        new("n_special", SpecialTokens),
        new("start_token_id", spec.Vocabulary),
        new("delimiter_token_id", spec.Vocabulary + 1),
        new("classify_token_id", spec.Vocabulary + 2),
    ];

    /// <summary>Adds the scores and, in training, the loss.</summary>
    public void Build(GraphBuilder graph, ModelSpec spec, HeadSpec head, Value hidden)
    {
        var width = hidden.Width!;
        var isGraded = head.Classes == 1;
        var outputs = IsChoice ? Dimension.Of("ChoiceScore", 1, "The score of a choice.")
            : isGraded ? Dimension.Of("Grade", 1, "The grade.")
            : Dimension.Of("Classes", head.Classes, "Number of labels.");
        var weight = graph.AddParameter("TaskWeight", ParameterName + ".weight", outputs, width, Initialization.Normal, spec.InitialDeviation);
        var bias = spec.Biases ? graph.AddParameter("TaskBias", ParameterName + ".bias", outputs, null, Initialization.Zeros) : null;

        graph.Heading("task head");
        var extent = graph.Extent;
        graph.Extent = Extent.Pooled;
        var features = graph.Pool("Features", hidden);
        var scores = graph.Linear("Scores", features, weight, bias);
        graph.Extent = extent;
        graph.Result("Scores", scores);
        if (!graph.IsDifferentiated)
            return;
        if (isGraded)
            graph.SquaredError(scores, ExampleInputs.OfGrades);
        else
            graph.CrossEntropy(scores, ExampleInputs.OfLabels);
    }
}
