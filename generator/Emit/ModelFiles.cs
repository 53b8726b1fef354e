using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>
/// From a valid specification to its files: lower each phase, plan, print. A failure here is a bug of the generator's and throws; it costs that model
/// only (GPT900).
/// </summary>
internal static class ModelFiles
{
    public static EquatableArray<GeneratedFile> Generate(ModelSpec spec)
    {
        var training = LoweredGraph.Lower(spec, Phase.Train);
        var last = LoweredGraph.Lower(spec, Phase.PrefillLast);
        var all = LoweredGraph.Lower(spec, Phase.PrefillAll);
        var decode = LoweredGraph.Lower(spec, Phase.Decode);
        var score = spec.Head is null ? null : LoweredGraph.Lower(spec, Phase.Score);
        LoweredGraph[] graphs = score is null ? [training, last, all, decode] : [training, last, all, decode, score];
        var parameters = new ParameterPlan(training.Graph);
        return new(
        [
            ModelEmitter.Emit(spec, graphs, parameters),
            DimensionsEmitter.Emit(spec, training),
            ParametersEmitter.Emit(spec, training, parameters),
            ActivationsEmitter.Emit(spec, graphs),
            TrainingEmitter.EmitForward(spec, training),
            TrainingEmitter.EmitBackward(spec, training),
            InferenceEmitter.EmitPrefill(spec, last, all, decode),
            InferenceEmitter.EmitDecode(spec, decode),
            .. score is null ? [] : new[] { ScoringEmitter.Emit(spec, score) },
        ]);
    }
}
