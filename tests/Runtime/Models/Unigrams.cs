namespace GptGen.Runtime.Tests.Models;

/// <summary>Models whose logits are the same after every context, so that probabilities are known by hand.</summary>
internal static class Unigrams
{
    /// <summary>Gives a model the logits; tokens that are not named have 0. The final LayerNorm passes its bias on and nothing else.</summary>
    public static TModel WithLogits<TModel>(this TModel model, params IEnumerable<(int Token, float Logit)> logits)
        where TModel : LanguageModel
    {
        ParameterInfo Find(string name) => model.Description.Parameters.Single(parameter => parameter.Name == name);
        model.Parameters.Write(0, new float[model.Parameters.Elements]);
        model.Parameters.Write(Find("ln_f.bias").Offset, [1f]);
        foreach (var (token, logit) in logits)
            model.Parameters.Write(Find("wte.weight").Offset + (token * model.Description.Width), [logit]);
        return model;
    }
}
