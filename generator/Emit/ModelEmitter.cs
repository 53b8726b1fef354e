using System.Globalization;
using GptGen.Generator.Architectures;
using GptGen.Generator.Graph;
using GptGen.Generator.Heads;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The class itself: constants, description, and what creates instances and graphs.</summary>
internal static class ModelEmitter
{
    public static GeneratedFile Emit(
        ModelSpec spec, IReadOnlyList<GraphClass> classes, IReadOnlyList<LoweredGraph> graphs, ParameterPlan plan)
    {
        var training = graphs.Single(graph => graph.Graph.Kind.IsDifferentiated);
        var architecture = Architecture.ByAttribute[spec.Attribute];
        var bases = architecture.Bases(spec.Head is not null);
        return FileFrame.Write(
            spec, "Model", $" : global::GptGen.{bases.Class}, global::GptGen.{bases.Interface}<{spec.Name}>",
            $"{string.Join(" + ", training.Graph.Loops.Select(loop => loop.Id.Layers))} layers, {architecture.DescribeLayer(spec)}, "
            + $"width {spec.Width}, context {spec.Context}, vocabulary {spec.TableRows}{DescribeHead(spec.Head)}: "
            + $"{plan.Count.ToString("N0", CultureInfo.InvariantCulture)} parameters.",
            writer =>
            {
                foreach (var loop in training.Graph.Loops)
                {
                    writer.Summary(loop.Id.Summary);
                    writer.Line($"public const int {loop.Id.Count} = {loop.Id.Layers};").Line();
                }

                foreach (var (name, value, summary) in architecture.Constants(spec))
                {
                    writer.Summary(summary);
                    writer.Line($"public const int {name} = {value};").Line();
                }

                writer.Summary("Number of parameters, padding not counted.");
                writer.Line($"public const long ParameterCount = {plan.Count}L;").Line();
                writer.Summary("Bytes of the parameters in f32, padding included.");
                writer.Line($"public const long ParameterBytes = {4 * plan.Elements}L;").Line();
                writer.Line($"private {spec.Name}(global::GptGen.Device device)");
                writer.Line("    : base(device, Specification)").Line("{").Line("}").Line();
                writer.Line("/// <inheritdoc/>");
                writer.Line("public static global::GptGen.ModelDescription Specification { get; } = Describe();").Line();
                foreach (var heads in graphs.SelectMany(graph => graph.Calls).SelectMany(call => call.Operands).OfType<HeadsOperand>().Distinct())
                {
                    writer.Line(
                        $"private static global::GptGen.Tensors.AttentionHeads<{heads.Width.TypeName}, {heads.Width.TypeName}> {heads.Name} => "
                        + $"new({heads.Count}, {heads.Count}, global::GptGen.Tensors.AttentionMask.{heads.Mask});").Line();
                }

                var operands = graphs.SelectMany(graph => graph.Calls).SelectMany(call => call.Operands).ToArray();
                foreach (var recurrence in operands.OfType<RecurrenceOperand>().Distinct())
                {
                    writer.Line(
                        $"private static global::GptGen.LstmRecurrence {recurrence.Name} => new(global::GptGen.TimeDirection."
                        + $"{(recurrence.IsBackward ? "Backward" : "Forward")}, {Literal.Of(recurrence.CellClip)}, "
                        + $"{Literal.Of(recurrence.ProjectionClip)});").Line();
                }

                writer.Line("/// <inheritdoc/>");
                writer.Line($"public static {spec.Name} Create(global::GptGen.Device device) => new(device);").Line();
                foreach (var graphClass in classes)
                {
                    var header = $"public override {graphClass.Name} Create{graphClass.Name}({FileFrame.Parameters(graphClass.Sizes)}) =>";
                    var body = $"new(this, {string.Join(", ", graphClass.Sizes)});";
                    writer.Line("/// <inheritdoc/>");
                    if (graphClass.Name == InferenceEmitter.ClassName)
                        writer.Line(header).Line("    " + body).Line();
                    else
                        writer.Line($"{header} {body}").Line();
                }

                writer.Line("private static global::GptGen.ModelDescription Describe() => new()").Line("{");
                writer.Indented(() => Describe(writer, spec, graphs, training, plan, classes.Any(part => part.Name == InferenceEmitter.ClassName)));
                writer.Line("};");
            });
    }

    private const string VocabularyName = "Vocabulary";

    private static void Describe(
        SourceWriter writer, ModelSpec spec, IReadOnlyList<LoweredGraph> graphs, LoweredGraph training, ParameterPlan plan, bool hasInference)
    {
        var architecture = Architecture.ByAttribute[spec.Attribute];
        var hasLogits = graphs.Any(graph => graph.Graph.Kind.IsDifferentiated && graph.Graph.Logits.Count > 0);
        writer.Line($"Name = \"{spec.PlainName}\",").Line($"Family = \"{architecture.Family}\",");
        writer.Line($"Layers = {training.Graph.Loops.Last().Id.Count},").Line($"Heads = {(architecture.HasAttention ? spec.Heads : 0)},");
        writer.Line("Width = Width.Size,");
        writer.Line($"HiddenWidth = {architecture.HiddenName}.Size,").Line($"Context = {ContextOf(spec, training)},");
        // A head on what words' characters give has no table of tokens.
        var hasTable = DimensionsEmitter.Of(training).Any(static dimension => dimension.TypeName == VocabularyName);
        writer.Line($"Vocabulary = {(hasTable ? VocabularyName + ".Size" : spec.TableRows)},");
        foreach (var (member, value) in architecture.Details(spec))
            writer.Line($"{member} = {value},");
        foreach (var (member, numbers) in architecture.Lists(spec).Where(list => list.Values.Count > 0))
            writer.Line($"{member} = [{string.Join(", ", numbers)}],");
        writer.Line($"Epsilon = {Literal.Of(spec.Epsilon)},").Line($"Dropout = {Literal.Of(spec.Dropout)},");
        writer.Line($"TiedHead = {Literal.Of(spec.TiedHead)},").Line($"Biases = {Literal.Of(spec.Biases)},");
        writer.Line($"Activation = global::GptGen.Activation.{spec.Activation},")
            .Line($"LayerNorm = global::GptGen.LayerNormPlacement.{spec.LayerNorm},");
        if (spec.Head is { } head)
        {
            writer.Line(
                $"Head = new(global::GptGen.TaskKind.{HeadKind.ByAttribute[head.Attribute].Kind}, {head.Classes}, "
                + $"{Literal.Of(hasLogits ? head.LanguageModelWeight ?? HeadKind.DefaultLanguageModelWeight : 0)}, "
                + $"{(spec.TableRows == spec.Vocabulary ? "null" : $"new({spec.Vocabulary})")})"
                + (architecture.FramesByEnds ? " { IsFramedByEnds = true }," : ","));
        }

        FilesEmitter.Emit(writer, spec);
        writer.Line("ParameterCount = ParameterCount,").Line($"ParameterElements = {Literal.OfElements(plan.Elements)},")
            .Line($"TrainedElements = {Literal.OfElements(plan.Trained)},")
            .Line($"DecayedElements = {Literal.OfElements(plan.Decayed)},");
        writer.Line("Parameters = ListParameters(),");
        if (training.Graph.AbsentBiases.Count > 0)
            writer.Line($"AbsentBiases = {ParametersEmitter.AbsentBiasesName}(),");
        writer.Line("TrainingElements = static (sequences, length, logitRows) =>").Line("[");
        var values = ActivationsEmitter.StructName(training.Graph.Kind);
        string Most(IEnumerable<Region> regions) => string.Join(", ", regions.Select(region => region.Most));
        writer.Indented(() => writer
            .Line($"(global::GptGen.Tensors.BufferRole.Parameter, {Literal.OfElements(plan.Elements)}),")
            .Line($"(global::GptGen.Tensors.BufferRole.Gradient, {Literal.OfElements(plan.Trained)}),")
            .Line($"(global::GptGen.Tensors.BufferRole.Moment, {Literal.OfElements(2 * plan.Trained)}),")
            .Line($"(global::GptGen.Tensors.BufferRole.Activation, {values}.ValueElements({Most(ActivationsEmitter.Regions(training))})),")
            .Line(
                $"(global::GptGen.Tensors.BufferRole.Statistic, {values}.StatisticElements("
                + $"{Most(ActivationsEmitter.StatisticRegions(training))})),")
            .Line(!hasLogits
                ? "(global::GptGen.Tensors.BufferRole.Workspace, 0),"
                : "(global::GptGen.Tensors.BufferRole.Workspace, (nint)global::System.Math.Min(sequences * length, logitRows) "
                    + $"* {ActivationsEmitter.WorkspacePerRow(training)}),"));
        writer.Line("],");
        if (hasInference)
            InferenceEmitter.Describe(writer, graphs);
        writer.Line("Manifest =").Line("[");
        writer.Indented(() =>
        {
            var entries = graphs.SelectMany(graph => graph.Calls).Select(ManifestEntry.Of)
                .Concat(hasInference ? [InferenceEmitter.SamplingManifest(spec)] : []);
            foreach (var entry in entries.Distinct().OrderBy(entry => entry, StringComparer.Ordinal))
                writer.Line($"{entry},");
        });
        writer.Line("],");
    }

    /// <summary>A dimension of its own where a table of positions has it.</summary>
    private static string ContextOf(ModelSpec spec, LoweredGraph training) =>
        training.Graph.Parameters.Any(parameter => parameter.Rows.TypeName == nameof(spec.Context))
            ? nameof(spec.Context) + ".Size"
            : spec.Context.ToString(CultureInfo.InvariantCulture);

    private static string DescribeHead(HeadSpec? head)
    {
        if (head is null)
            return "";
        var kind = HeadKind.ByAttribute[head.Attribute];
        return head.Classes == 1 ? $", graded {kind.Kind} head"
            : kind.CountName is { } count ? $", {kind.Kind} head of {head.Classes} {count.ToLowerInvariant()}"
            : $", {kind.Kind} head";
    }
}
