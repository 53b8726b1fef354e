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
    public static GeneratedFile Emit(ModelSpec spec, IReadOnlyList<LoweredGraph> graphs, ParameterPlan plan)
    {
        var values = ActivationsEmitter.StructName(Phase.Train);
        return FileFrame.Write(
            spec, "Model", $" : global::GptGen.{(spec.Head is null ? "LanguageModel" : "TaskModel")}, global::GptGen.ILanguageModel<{spec.Name}>",
            $"{spec.Layers} layers, {spec.Heads} heads, width {spec.Width}, context {spec.Context}, vocabulary {spec.TableRows}{DescribeHead(spec.Head)}: {plan.Count.ToString("N0", CultureInfo.InvariantCulture)} parameters.",
            writer =>
            {
                writer.Summary("Number of Transformer blocks.");
                writer.Line($"public const int Layers = {spec.Layers};").Line();
                writer.Summary("Number of parameters, padding not counted.");
                writer.Line($"public const long ParameterCount = {plan.Count}L;").Line();
                writer.Summary("Bytes of the parameters in f32, padding included.");
                writer.Line($"public const long ParameterBytes = {4 * plan.Elements}L;").Line();
                writer.Line($"private {spec.Name}(global::GptGen.Device device)");
                writer.Line("    : base(device, Specification)").Line("{").Line("}").Line();
                writer.Line("/// <inheritdoc/>");
                writer.Line("public static global::GptGen.ModelDescription Specification { get; } = Describe();").Line();
                writer.Line($"private static global::GptGen.AttentionHeads<Width> AttentionHeads => new({spec.Heads}, global::GptGen.AttentionMask.Causal);").Line();
                writer.Line("/// <inheritdoc/>");
                writer.Line($"public static {spec.Name} Create(global::GptGen.Device device) => new(device);").Line();
                writer.Line("/// <inheritdoc/>");
                writer.Line("public override Training CreateTraining(int sequences, int length) => new(this, sequences, length);").Line();
                writer.Line("/// <inheritdoc/>");
                writer.Line("public override Inference CreateInference(int slots, int capacity, int prefillRows, int logitRows) =>");
                writer.Line("    new(this, slots, capacity, prefillRows, logitRows);").Line();
                if (spec.Head is not null)
                {
                    writer.Line("/// <inheritdoc/>");
                    writer.Line("public override Scoring CreateScoring(int sequences, int length) => new(this, sequences, length);").Line();
                }

                writer.Line("private static global::GptGen.ModelDescription Describe() => new()").Line("{");
                writer.Indented(() => Describe(writer, spec, graphs, plan, values));
                writer.Line("};");
            });
    }

    private static void Describe(SourceWriter writer, ModelSpec spec, IReadOnlyList<LoweredGraph> graphs, ParameterPlan plan, string values)
    {
        writer.Line($"Name = \"{spec.PlainName}\",").Line($"Family = \"{Architecture.ByAttribute[spec.Attribute].Family}\",");
        writer.Line("Layers = Layers,").Line($"Heads = {spec.Heads},").Line("Width = Width.Size,");
        writer.Line("HiddenWidth = HiddenWidth.Size,").Line("Context = Context.Size,").Line("Vocabulary = Vocabulary.Size,");
        writer.Line($"Epsilon = {Number(spec.Epsilon)},").Line($"Dropout = {Number(spec.Dropout)},");
        writer.Line($"TiedHead = {Truth(spec.TiedHead)},").Line($"Biases = {Truth(spec.Biases)},");
        writer.Line($"Activation = global::GptGen.Activation.{spec.Activation},").Line($"LayerNorm = global::GptGen.LayerNormPlacement.{spec.LayerNorm},");
        if (spec.Head is { } head)
        {
            writer.Line(
                $"Head = new(global::GptGen.TaskKind.{TaskHead.ByAttribute[head.Attribute].Kind}, {head.Classes}, {Number(head.LanguageModelWeight)}, "
                + $"new({spec.Vocabulary})),");
        }

        FilesEmitter.Emit(writer, spec);
        writer.Line("ParameterCount = ParameterCount,").Line($"ParameterElements = {ElementCount.Of(plan.Elements)},").Line($"TrainedElements = {ElementCount.Of(plan.Trained)},")
            .Line($"DecayedElements = {ElementCount.Of(plan.Decayed)},");
        writer.Line("Parameters = ListParameters(),").Line("TrainingElements = static (sequences, length) =>").Line("[");
        writer.Indented(() => writer
            .Line($"(global::GptGen.BufferRole.Parameter, {ElementCount.Of(plan.Elements)}),")
            .Line($"(global::GptGen.BufferRole.Gradient, {ElementCount.Of(plan.Trained)}),")
            .Line($"(global::GptGen.BufferRole.Moment, {ElementCount.Of(2 * plan.Trained)}),")
            .Line($"(global::GptGen.BufferRole.Activation, {values}.ValueElements(checked(sequences * length), sequences)),")
            .Line($"(global::GptGen.BufferRole.Statistic, {values}.StatisticElements(checked(sequences * length))),")
            .Line(
                "(global::GptGen.BufferRole.Workspace, (nint)global::System.Math.Min(sequences * length, "
                + "global::GptGen.TrainingGraph.ChunkRows) * Vocabulary.Stored),"));
        writer.Line("],").Line("InferenceElements = static size =>").Line("[");
        writer.Indented(() => writer
            .Line("(global::GptGen.BufferRole.Activation, Inference.ValueElements(size.RowCapacity, size.Slots)),")
            .Line("(global::GptGen.BufferRole.Workspace, (nint)size.LogitRowCapacity * Vocabulary.Stored),")
            .Line("(global::GptGen.BufferRole.Cache, Layers * global::GptGen.KeyValueCache<Width>.Elements(size.Slots, size.Capacity)),"));
        writer.Line("],").Line("Manifest =").Line("[");
        writer.Indented(() =>
        {
            foreach (var entry in graphs.SelectMany(graph => graph.Calls).Select(Manifest).Append(InferenceEmitter.SamplingManifest(spec)).Distinct().OrderBy(entry => entry, StringComparer.Ordinal))
                writer.Line($"\"{entry}\",");
        });
        writer.Line("],");
    }

    private static string DescribeHead(HeadSpec? head)
    {
        if (head is null)
            return "";
        var kind = TaskHead.ByAttribute[head.Attribute];
        return head.Classes == 1 ? $", graded {kind.Kind} head" : $", {kind.Kind} head of {head.Classes} {kind.CountName.ToLowerInvariant()}";
    }

    /// <summary>An operator and its dimensions, such as "Linear 768 [2304,768] [2304] 2304".</summary>
    private static string Manifest(Call call) => string.Join(" ", call.Operands.Select(Dimensions).Where(text => text.Length > 0).Prepend(call.Method));

    private static string Dimensions(Operand operand) => operand switch
    {
        ValueOperand { Value.Width: { } width } => $"{width.Size}",
        ParameterOperand { Parameter: { } parameter } => parameter.Columns is null ? $"[{parameter.Rows.Size}]" : $"[{parameter.Rows.Size},{parameter.Columns.Size}]",
        TextOperand { Text: var text } when text.StartsWith("global::GptGen.Activation.", StringComparison.Ordinal) => text.Substring(text.LastIndexOf('.') + 1),
        _ => "",
    };

    private static string Truth(bool value) => value ? "true" : "false";

    private static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture) + "f";
}
