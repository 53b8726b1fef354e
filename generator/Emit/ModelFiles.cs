using GptGen.Generator.Architectures;
using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>
/// From a valid specification to its files: lower each graph, plan, print. A failure here is a bug of the generator's and throws; it costs that model
/// only (GPT900).
/// </summary>
internal static class ModelFiles
{
    public static EquatableArray<GeneratedFile> Generate(ModelSpec spec)
    {
        var classes = Architecture.ByAttribute[spec.Attribute].Graphs(spec)
            .Select(graphClass => (Class: graphClass, Graphs: graphClass.Graphs.Select(kind => LoweredGraph.Lower(spec, kind)).ToArray())).ToArray();
        var graphs = classes.SelectMany(part => part.Graphs).ToArray();

        // The differentiated graph has every parameter.
        var training = graphs.Single(graph => graph.Graph.Kind.IsDifferentiated);
        var parameters = new ParameterPlan(training.Graph);
        return new(
        [
            ModelEmitter.Emit(spec, classes.Select(part => part.Class).ToArray(), graphs, parameters),
            DimensionsEmitter.Emit(spec, training),
            ParametersEmitter.Emit(spec, training, parameters),
            ActivationsEmitter.Emit(spec, graphs),
            .. classes.SelectMany(part => Emit(spec, part.Class, part.Graphs)),
        ]);
    }

    private static GeneratedFile[] Emit(ModelSpec spec, GraphClass graphClass, LoweredGraph[] graphs) => graphClass.Name switch
    {
        TrainingEmitter.ClassName => [TrainingEmitter.EmitForward(spec, graphClass, graphs[0]), TrainingEmitter.EmitBackward(spec, graphs[0])],
        InferenceEmitter.ClassName =>
            [InferenceEmitter.EmitPrefill(spec, graphClass, graphs), InferenceEmitter.EmitDecode(spec, graphs[graphs.Length - 1])],
        _ => [EncodingEmitter.Emit(spec, graphClass, graphs.Single())],
    };
}
