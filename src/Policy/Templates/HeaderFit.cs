using System.Collections.Immutable;

namespace Actors.Policy.Templates;

/// <summary>Whether a send's header parameters fit.</summary>
internal static class HeaderFit
{
    public static TemplateMismatch? Check(TemplateContent template, ImmutableArray<SentParameter> parameters)
    {
        if (template.Header is not { } header)
        {
            return parameters.IsEmpty ? null : TemplateMismatch.Count("header", parameters.Length, 0);
        }

        return header.Format switch
        {
            HeaderFormat.Text =>
                TextFit.Check("header", header.Text ?? "", template.ParameterFormat, parameters, TemplateLimits.HeaderText),
            HeaderFormat.Image => Media("image", parameters),
            HeaderFormat.Video => Media("video", parameters),
            HeaderFormat.Document => Media("document", parameters),
            HeaderFormat.Location => One("location", parameters),
        };
    }

    private static TemplateMismatch? One(string type, ImmutableArray<SentParameter> parameters)
    {
        if (parameters.Length != 1 || !parameters[0].Type.Is(type))
        {
            return TemplateMismatch.Format("header", $"expected one parameter of type {type}, received {(parameters.IsEmpty ? "none" : parameters[0].Type)}");
        }

        return null;
    }

    private static TemplateMismatch? Media(string type, ImmutableArray<SentParameter> parameters) =>
        One(type, parameters) ?? (WebAddress.IsOne(parameters[0].Text) ? null : TemplateMismatch.Format("header", $"the {type} needs an http or https link"));
}
