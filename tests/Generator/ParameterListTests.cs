using GptGen.Generator.Architectures;
using GptGen.Generator.Emit;
using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>Parameters that files keep in several tensors, and such that do not train.</summary>
public class ParameterListTests
{
    private static readonly Dimension Width = Dimension.Of("Width", 20, "Width.");
    private static readonly LoopId Layers = new("Layers", 2, "h.{layer}.");

    [Fact]
    public void What_trains_comes_first_matrices_before_vectors()
    {
        Parameter[] parameters =
        [
            New("Frozen", Width, frozen: true), New("Constant", null, stored: false), New("Bias", null),
            New("LayerFrozen", Width, inLayer: true, frozen: true), New("LayerBias", null, inLayer: true), New("LayerWeight", Width, inLayer: true),
            New("Weight", Width),
        ];
        var plan = new ParameterPlan(NewGraph(parameters));
        long Offset(string name) => plan[parameters.Single(parameter => parameter.Name == name)].Offset;
        // 400 elements a matrix, 32 a vector with its padding, two layers.
        Assert.Equal(
            [0, 400, 1200, 1232, 1296, 1696, 1728],
            new[] { "Weight", "LayerWeight", "Bias", "LayerBias", "Frozen", "Constant", "LayerFrozen" }.Select(Offset));
        Assert.Equal((1200, 1296, 2528), (plan.Decayed, plan.Trained, plan.Elements));
    }

    [Fact]
    public void Parts_are_listed_with_their_rows_and_the_rest_as_it_is()
    {
        var fused = New("Qkv", Width, inLayer: true, file: "h.{layer}.attn.{part}.weight").StoredIn(new("q", 10), new("k", 4), new("v", 6));
        var lines = List(fused, New("Fixed", Width, frozen: true), New("Computed", null, stored: false), New("Bias", null));
        Assert.Contains(
            """
                            $"h.{layer}.attn.q_k_v.weight", (nint)(0L + (layer * 400L)), 20, 20, global::GptGen.StoredLayout.Linear, global::GptGen.Initialization.Normal, 0f)
                            {
                                Layer = layer,
                                Tensors =
                                [
                                    new($"h.{layer}.attn.q.weight", 0, 10, global::GptGen.StoredLayout.Linear),
                                    new($"h.{layer}.attn.k.weight", 10, 4, global::GptGen.StoredLayout.Linear),
                                    new($"h.{layer}.attn.v.weight", 14, 6, global::GptGen.StoredLayout.Linear),
                                ],
                            });
            """.ReplaceLineEndings("\n"), lines);
        Assert.Contains("IsFrozen = true,\n            });", lines);
        Assert.Contains("IsFrozen = true,\n                Tensors = [],", lines);
        Assert.Contains("/// <summary>h.{layer}.attn.q_k_v.weight, [20, 20].</summary>", lines);
        Assert.Contains("\"bias\", (nint)800L, 20, 0, global::GptGen.StoredLayout.Linear, global::GptGen.Initialization.Normal, 0f));", lines);
    }

    [Fact]
    public void Parts_must_be_all_rows_and_have_a_place_in_the_name()
    {
        Assert.Throws<InvalidOperationException>(() => New("Qkv", Width, file: "{part}.weight").StoredIn(new("q", 10), new("k", 4)));
        Assert.Throws<InvalidOperationException>(() => New("Qkv", Width).StoredIn(new("q", 10), new("k", 10)));
    }

    private static Parameter New(
        string name, Dimension? columns, bool inLayer = false, bool frozen = false, bool stored = true, string? file = null) =>
        new(name, file ?? name.ToLowerInvariant(), Width, columns, inLayer ? Layers : null, Graph.StoredLayout.Linear, Graph.Initialization.Normal, 0)
        {
            IsFrozen = frozen, IsStored = stored,
        };

    private static ModelGraph NewGraph(IReadOnlyList<Parameter> parameters) =>
        new(new("Train", "ComputeForward", "Training.", IsDifferentiated: true), [], [], parameters, [], [], []);

    private static string List(params Parameter[] parameters)
    {
        var spec = GeneratorHarness.Spec("Layers = 2, Heads = 2, Width = 20, Context = 8, Vocabulary = 16");
        var graph = NewGraph(parameters);
        return ParametersEmitter.Emit(spec, graph, new(graph)).Text;
    }
}
