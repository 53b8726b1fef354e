using GptGen.Generator.Architectures;
using GptGen.Generator.Graph;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Heads;

/// <summary>What a task head decides about.</summary>
internal enum HeadSubject
{
    /// <summary>A text or two.</summary>
    Texts,

    /// <summary>Which of some answers is right: each has a sequence and one score of its own, so that the head has a single output.</summary>
    Choices,

    /// <summary>Each of some tokens.</summary>
    Tokens,

    /// <summary>Where in a text a span begins and ends.</summary>
    Span,
}

/// <summary>
/// A kind of task head (Radford et al. 2018, section 3.3; Devlin et al. 2018, section 4): what a family takes for the features of its subject is
/// projected to scores, of which the softmax-cross-entropy is the task's loss. Kinds differ in how many sequences and scores make an example. A head
/// of one class is graded: its score is regressed on a number by squared error.
/// </summary>
/// <param name="Kind">The member of the runtime's TaskKind.</param>
/// <param name="Subject">What it decides about.</param>
/// <param name="CountName">The attribute's argument that says how many classes there are; null where there is none.</param>
/// <param name="DefaultCount">Its default, or the number that all have.</param>
/// <param name="LeastCount">The fewest classes: two, since fewer leave nothing to decide, or one where the kind can be graded.</param>
internal sealed record HeadKind(string Kind, HeadSubject Subject, string? CountName, int DefaultCount, int LeastCount = 2)
{
    /// <summary>What the heads' attributes derive from.</summary>
    public const string AttributeBase = "GptGen.TaskHeadAttribute";

    /// <summary>The tokens that heads add behind the vocabulary of a model without any: start, delimiter, classify.</summary>
    public const int SpecialTokens = 3;

    /// <summary>The weight of the language model's loss beside the task's, where the attribute does not say it.</summary>
    public const float DefaultLanguageModelWeight = 0.5f;

    /// <summary>The kinds, by the metadata name of their attribute. A new kind adds its line here.</summary>
    public static IReadOnlyDictionary<string, HeadKind> ByAttribute { get; } = new Dictionary<string, HeadKind>(StringComparer.Ordinal)
    {
        ["GptGen.ClassificationHeadAttribute"] = new("Classification", HeadSubject.Texts, "Labels", 2),
        ["GptGen.EntailmentHeadAttribute"] = new("Entailment", HeadSubject.Texts, "Labels", 3),
        ["GptGen.SimilarityHeadAttribute"] = new("Similarity", HeadSubject.Texts, "Labels", 2, LeastCount: 1),
        ["GptGen.MultipleChoiceHeadAttribute"] = new("MultipleChoice", HeadSubject.Choices, "Choices", 2),
        ["GptGen.QuestionAnsweringHeadAttribute"] = new("QuestionAnswering", HeadSubject.Span, null, 2),
        ["GptGen.TokenClassificationHeadAttribute"] = new("TokenClassification", HeadSubject.Tokens, "Labels", 2),
    };

    /// <summary>The head's keys of config.json: Hugging Face's "num_labels", and what it has no names for.</summary>
    public IEnumerable<ConfigKey> Config(ModelSpec spec, HeadSpec head)
    {
        yield return new(Subject == HeadSubject.Choices ? "num_choices" : "num_labels", head.Classes);
        if (spec.TableRows == spec.Vocabulary)
            yield break;
        yield return new("n_special", SpecialTokens);
        yield return new("start_token_id", spec.Vocabulary);
        yield return new("delimiter_token_id", spec.Vocabulary + 1);
        yield return new("classify_token_id", spec.Vocabulary + 2);
    }

    /// <summary>Adds the scores and, in training, the loss.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="spec">The model.</param>
    /// <param name="head">The head.</param>
    /// <param name="file">The projection's name in files.</param>
    /// <param name="width">The features' width.</param>
    /// <param name="features">Adds what is projected: rows of the head's subject.</param>
    public void Build(GraphBuilder graph, ModelSpec spec, HeadSpec head, string file, Dimension width, Func<Value> features)
    {
        var isGraded = head.Classes == 1;
        var outputs = Subject == HeadSubject.Choices ? Dimension.Of("ChoiceScore", 1, "The score of a choice.")
            : isGraded ? Dimension.Of("Grade", 1, "The grade.")
            : Subject == HeadSubject.Span ? Dimension.Of("SpanScores", 2, "Whether the answer begins at a token, and whether it ends there.")
            : Dimension.Of("Classes", head.Classes, "Number of labels.");
        var weight = graph.AddParameter("TaskWeight", file + ".weight", outputs, width, Initialization.Normal, spec.InitialDeviation);
        var bias = graph.AddBias("TaskBias", file + ".bias", outputs);

        graph.Heading("task head");
        var extent = graph.Extent;
        var scores = graph.Linear("Scores", features(), weight, bias);
        graph.Extent = extent;
        graph.Result("Scores", scores);
        if (!graph.IsDifferentiated)
            return;
        if (Subject == HeadSubject.Span)
            graph.PositionCrossEntropy(scores, ExampleInputs.OfSpans);
        else if (isGraded)
            graph.SquaredError(scores, ExampleInputs.OfGrades);
        else
            graph.CrossEntropy(scores, Subject == HeadSubject.Tokens ? ExampleInputs.OfRowLabels : ExampleInputs.OfLabels);
    }
}
