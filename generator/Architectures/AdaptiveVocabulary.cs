using GptGen.Generator.Diagnostics;
using GptGen.Generator.Graph;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>
/// A vocabulary in clusters from frequent to rare tokens: an adaptive softmax (Grave et al. 2017, "Efficient softmax approximation for GPUs") and,
/// where a divisor narrows the tables from cluster to cluster, adaptive embeddings (Baevski and Auli 2019, "Adaptive Input Representations for Neural
/// Language Modeling"), as Hugging Face's transfo-xl has them, whose names these are.
/// </summary>
/// <remarks>
/// The first table begins with a row for each cluster behind it, so that one product has all columns of the first softmax. Without a divisor files
/// have one table of all tokens: then the clusters' tables are its slices. Without cutoffs there is one cluster, whose softmax is the usual one.
/// </remarks>
internal sealed class AdaptiveVocabulary(ModelSpec spec)
{
    public const string CutoffsOption = "Cutoffs";
    public const string DivisorOption = "EmbeddingDivisor";
    public const string UntiedOption = "UntiedProjections";

    public const string TokenTable = "word_emb.emb_layers.0.weight";
    public const string HeadBias = "crit.out_layers.0.bias";

    private const string ClusterTable = "crit.cluster_weight";
    private const string ClusterBias = "crit.cluster_bias";
    private const float ProjectionDeviation = 0.01f;
    private const string TableWord = "word_emb.emb_layers.{0}.weight";
    private const string InputProjection = "word_emb.emb_projs.{0}";
    private const string OutputProjection = "crit.out_projs.{0}";
    private const string BiasWord = "crit.out_layers.{0}.bias";

    /// <summary>Where each cluster but the first begins.</summary>
    public IReadOnlyList<int> Cutoffs { get; } = spec.ListOption(CutoffsOption);

    /// <summary>How much narrower each table is than the one before.</summary>
    public int Divisor { get; } = spec.Option(DivisorOption, 1);

    /// <summary>Whether the output has projections of its own for every cluster, not only for the first.</summary>
    public bool AreUntied { get; } = spec.Option(UntiedOption, 0) != 0;

    private Dimension Vocabulary { get; } = Dimension.Padded("Vocabulary", spec.Vocabulary, "Number of tokens.");

    private int Clusters => Cutoffs.Count + 1;

    private bool HasProjections => Divisor > 1;

    public IEnumerable<SpecProblem> Problems()
    {
        var before = 0;
        foreach (var cutoff in Cutoffs)
        {
            if (cutoff <= before || cutoff >= spec.Vocabulary)
            {
                yield return new(
                    Descriptors.OutOfRange, CutoffsOption, CutoffsOption, string.Join(", ", Cutoffs), "ascending numbers of tokens below Vocabulary");
                break;
            }

            before = cutoff;
        }

        if (Divisor < 1 || (Divisor > 1 && Cutoffs.Count == 0))
            yield return new(Descriptors.OutOfRange, DivisorOption, DivisorOption, Divisor, "at least 1, and 1 without Cutoffs");
        else if (spec.Width > 0 && WidthOf(Clusters - 1) < 1)
            yield return new(Descriptors.OutOfRange, DivisorOption, DivisorOption, Divisor, "so small that the last table has a width");
        if (AreUntied && !HasProjections)
            yield return new(Descriptors.OutOfRange, UntiedOption, UntiedOption, "true", "false where no EmbeddingDivisor asks for projections");
    }

    /// <summary>The tensors that files repeat: the output's tables and tied projections.</summary>
    public IEnumerable<(string Name, string Meaning)> Copies()
    {
        for (var index = 0; index < (HasProjections ? Clusters : 1); index++)
        {
            yield return ($"crit.out_layers.{index}.weight", Name(TableWord, index));
            if (HasProjections && index > 0 && !AreUntied)
                yield return (Name(OutputProjection, index), Name(InputProjection, index));
        }
    }

    /// <summary>The tensors whose rows are the first softmax's columns for clusters, where there are several, so that their order counts.</summary>
    public IReadOnlyList<string> ClusterTensors => Cutoffs.Count > 1 ? [ClusterTable, ClusterBias] : [];

    /// <summary>config.json's keys. The flag "adaptive" says nothing that the cutoffs do not, and files have it either way.</summary>
    public IEnumerable<ConfigKey> Config()
    {
        yield return new("cutoffs", Cutoffs) { IsHeld = true, Absent = new[] { 20000, 40000, 200000 } };
        yield return new("div_val", Divisor) { IsHeld = true, Absent = 4 };
        yield return new("adaptive", Cutoffs.Count > 0) { Absent = true };

        // Which of the output's projections are the input's; where there are none, this says nothing.
        var tied = Cutoffs.Count == 0 ? [] : Enumerable.Range(0, Clusters).Select(index => index > 0 && !AreUntied).ToArray();
        yield return new("tie_projs", tied) { IsHeld = HasProjections };
        yield return new("proj_share_all_but_first", HasProjections && !AreUntied) { IsHeld = HasProjections, Absent = true };
    }

    /// <summary>The tables: in the graph's beginning, since the input needs them first.</summary>
    public Tables AddTables(GraphBuilder graph, Dimension width)
    {
        if (Cutoffs.Count == 0)
        {
            var table = graph.AddParameter("TokenTable", TokenTable, Vocabulary, width, Initialization.Normal, spec.InitialDeviation);
            return new(table, [table], []);
        }

        graph.Declare(Vocabulary);
        return HasProjections ? AddApart(graph, width) : AddAsOne(graph, width);
    }

    /// <summary>The tokens' rows.</summary>
    public Value Embed(GraphBuilder graph, string name, Tables tables, float scale)
    {
        if (tables.Whole is not { } whole)
            return graph.ClusterLookup(name, tables.Inputs, scale);
        var tokens = Cutoffs.Count == 0 ? GraphInput.Tokens : ClusterInputs.Tokens(0) with { Extent = Extent.Row };
        return graph.Lookup(name, new LookupPart(tokens, whole, scale));
    }

    /// <summary>The losses, or where nothing trains the logits of all tokens; and the parameters that only they have.</summary>
    public void Head(GraphBuilder graph, Value states, Tables tables)
    {
        if (Cutoffs.Count == 0)
        {
            var bias = graph.AddParameter("HeadBias", HeadBias, tables.Whole!.Rows, null, Initialization.Zeros);
            graph.Head(states, tables.Whole, bias, LossInputs.OfRows);
            return;
        }

        var biases = tables.Whole is { } whole ? AddBiasesAsOne(graph, whole, tables) : AddBiasesApart(graph, tables);
        var heads = new List<HeadCluster>();
        for (var index = 0; index < Clusters; index++)
        {
            var projection = !HasProjections ? null
                : index > 0 && !AreUntied ? tables.Inputs[index].Projection
                : AddProjection(graph, $"OutputProjection{index}", OutputProjection, index, states.Width!, tables.Clusters[index].Columns!);
            heads.Add(new(tables.Clusters[index], biases[index], projection));
        }

        if (graph.IsDifferentiated)
            graph.ClusterHead(states, heads);
        else
            graph.ClusterLogits(states, heads, [.. Enumerable.Range(0, Clusters).Select(SizeOf)], Vocabulary);
    }

    /// <summary>One table of all tokens, and slices of it.</summary>
    private Tables AddAsOne(GraphBuilder graph, Dimension width)
    {
        var rows = Dimension.Padded("TableRows", checked(Cutoffs.Count + spec.Vocabulary), "Clusters behind the first, and tokens.");
        var whole = graph.AddParameter("TokenTable", Parameter.PartWord, rows, width, Initialization.Normal, spec.InitialDeviation)
            .StoredIn(new(ClusterTable, Cutoffs.Count), new(Name(TableWord, 0), spec.Vocabulary));
        return new(whole, [.. Slices(graph, "Table", whole, index => DimensionOf(index, within: rows))], []);
    }

    private Tables AddApart(GraphBuilder graph, Dimension width)
    {
        var (tables, inputs) = (new List<Parameter>(), new List<ClusterTable>());
        for (var index = 0; index < Clusters; index++)
        {
            var columns = index == 0 ? width : Dimension.Of($"ClusterWidth{index}", WidthOf(index), $"Width of the table of cluster {index}.");
            var name = Name(TableWord, index);
            var table = graph.AddParameter(
                $"Table{index}", index == 0 ? Parameter.PartWord : name, DimensionOf(index), columns, Initialization.Normal, spec.InitialDeviation);
            if (index == 0)
                table.StoredIn(new(ClusterTable, Cutoffs.Count), new(name, SizeOf(0)));
            var projection = AddProjection(graph, $"Projection{index}", InputProjection, index, width, columns);
            tables.Add(table);
            inputs.Add(new(table, projection, ClusterInputs.Tokens(index), ClusterInputs.Rows(index)));
        }

        return new(null, tables, inputs);
    }

    private IReadOnlyList<Parameter> AddBiasesAsOne(GraphBuilder graph, Parameter table, Tables tables)
    {
        var whole = graph.AddParameter("HeadBias", Parameter.PartWord, table.Rows, null, Initialization.Zeros)
            .StoredIn(new(ClusterBias, Cutoffs.Count), new(Name(BiasWord, 0), spec.Vocabulary));
        return [.. Slices(graph, "Bias", whole, index => tables.Clusters[index].Rows)];
    }

    private IReadOnlyList<Parameter> AddBiasesApart(GraphBuilder graph, Tables tables)
    {
        var biases = new List<Parameter>();
        for (var index = 0; index < Clusters; index++)
        {
            var name = Name(BiasWord, index);
            biases.Add(graph.AddParameter(
                $"Bias{index}", index == 0 ? Parameter.PartWord : name, tables.Clusters[index].Rows, null, Initialization.Zeros));
            if (index == 0)
                biases[0].StoredIn(new(ClusterBias, Cutoffs.Count), new(name, SizeOf(0)));
        }

        return biases;
    }

    private IEnumerable<Parameter> Slices(GraphBuilder graph, string name, Parameter whole, Func<int, Dimension> rowsOf)
    {
        var first = 0;
        for (var index = 0; index < Clusters; index++)
        {
            var rows = rowsOf(index);
            yield return graph.AddSlice($"{name}{index}", whole, first, rows);
            first += rows.Size;
        }
    }

    private Parameter AddProjection(GraphBuilder graph, string name, string file, int index, Dimension rows, Dimension columns) =>
        graph.AddParameter(name, Name(file, index), rows, columns, Initialization.Normal, ProjectionDeviation);

    /// <summary>The columns of a cluster's softmax: padded where its table stands alone, or is the last slice of a padded one.</summary>
    private Dimension DimensionOf(int index, Dimension? within = null)
    {
        var (name, size, summary) = index == 0
            ? ("HeadColumns", checked(Cutoffs.Count + SizeOf(0)), "Clusters behind the first, and tokens of the first.")
            : ($"Cluster{index}", SizeOf(index), $"Tokens of cluster {index}.");
        return within is null
            ? Dimension.Padded(name, size, summary)
            : new(name, size, size + (index + 1 == Clusters ? within.Stored - within.Size : 0), summary);
    }

    private int SizeOf(int index) => (index == Cutoffs.Count ? spec.Vocabulary : Cutoffs[index]) - (index == 0 ? 0 : Cutoffs[index - 1]);

    private int WidthOf(int index)
    {
        var width = spec.Width;
        for (; index > 0; index--)
            width /= Divisor;
        return width;
    }

    private static string Name(string format, int index) => format.Replace("{0}", index.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The tables of a graph.</summary>
    /// <param name="Whole">The one table of all tokens; null where each cluster has its own.</param>
    /// <param name="Clusters">The columns of each cluster's softmax.</param>
    /// <param name="Inputs">What tokens are looked up in; empty where it is the one table.</param>
    internal sealed record Tables(Parameter? Whole, IReadOnlyList<Parameter> Clusters, IReadOnlyList<ClusterTable> Inputs);
}
