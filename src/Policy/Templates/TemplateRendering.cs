using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Actors.Policy.Templates;

/// <summary>A template as its reader sees it: a send's parameters filled in.</summary>
/// <param name="Header">The header; null where there is none.</param>
/// <param name="Body">The body's text.</param>
/// <param name="Footer">The footer; null where there is none.</param>
/// <param name="Buttons">The buttons, in order.</param>
public sealed record RenderedTemplate(RenderedHeader? Header, string Body, string? Footer, ImmutableArray<RenderedButton> Buttons);

/// <summary>A header.</summary>
/// <param name="Format">What it is.</param>
/// <param name="Text">Its text; null unless it is one.</param>
/// <param name="Link">Where its picture, video or document is; null for texts and places.</param>
public sealed record RenderedHeader(HeaderFormat Format, string? Text, string? Link);

/// <summary>A button.</summary>
/// <param name="Type">What it does.</param>
/// <param name="Text">Its label.</param>
/// <param name="Value">The address that it opens, the number that it calls, the code that it copies; null for a quick reply.</param>
public readonly record struct RenderedButton(ButtonType Type, string Text, string? Value);

/// <summary>Fills a send's parameters into its template.</summary>
/// <remarks>
/// What is filled in is not looked at again: a parameter that looks like a variable stays as it is. A variable without a parameter stays as it is, too;
/// parameters that fit (<see cref="TemplateFit"/>) leave none.
/// </remarks>
public static class TemplateRendering
{
    /// <summary>What an authentication template says; its text is the platform's own.</summary>
    private const string OneTimeCode = "{{1}} is your verification code.";

    /// <summary>The template with the parameters in the places of its variables.</summary>
    /// <param name="template">What was sent.</param>
    /// <param name="components">The send's parameters.</param>
    public static RenderedTemplate Render(TemplateContent template, ImmutableArray<SentComponent> components)
    {
        var isCode = template.Category == Category.Authentication;
        return new RenderedTemplate(
            Header(template, Parameters("header", components)),
            Fill(isCode ? OneTimeCode : template.Body, isCode ? ParameterFormat.Positional : template.ParameterFormat, Parameters("body", components)),
            template.Footer,
            [.. template.Buttons.Select((button, index) => Button(button, ButtonParameter(index, components)))]);
    }

    private static RenderedHeader? Header(TemplateContent template, ImmutableArray<SentParameter> parameters) => template.Header switch
    {
        null => null,
        { Format: HeaderFormat.Text } header => new(HeaderFormat.Text, Fill(header.Text ?? "", template.ParameterFormat, parameters), null),
        var header => new(header.Format, null, header.Format == HeaderFormat.Location || parameters.IsEmpty ? null : parameters[0].Text),
    };

    private static RenderedButton Button(TemplateButton button, string? parameter) => new(button.Type, button.Text, button.Type switch
    {
        ButtonType.QuickReply => null,
        ButtonType.Url => Fill(button.Url ?? "", ParameterFormat.Positional, parameter is null ? [] : [new SentParameter("text", null, parameter)]),
        ButtonType.PhoneNumber => button.PhoneNumber,
        ButtonType.CopyCode or ButtonType.Otp => parameter,
    });

    private static ImmutableArray<SentParameter> Parameters(string type, ImmutableArray<SentComponent> components)
    {
        foreach (var component in components.IsDefault ? [] : components)
        {
            if (component.Type.Is(type))
            {
                return component.Parameters.IsDefault ? [] : component.Parameters;
            }
        }

        return [];
    }

    private static string? ButtonParameter(int index, ImmutableArray<SentComponent> components)
    {
        foreach (var component in components.IsDefault ? [] : components)
        {
            if (component.Type.Is("button") && component.Index == index)
            {
                return component.Parameters is { IsDefaultOrEmpty: false } parameters ? parameters[0].Text : null;
            }
        }

        return null;
    }

    private static string Fill(string text, ParameterFormat format, ImmutableArray<SentParameter> parameters)
    {
        var filled = new StringBuilder(text.Length);
        var end = 0;
        var variables = new Placeholders(text);
        while (variables.MoveNext())
        {
            filled.Append(text, end, variables.Start - end);
            filled.Append(Find(variables.Name, format, parameters) is { } value ? value : text[variables.Start..variables.End]);
            end = variables.End;
        }

        return filled.Append(text, end, text.Length - end).ToString();
    }

    private static string? Find(ReadOnlySpan<char> name, ParameterFormat format, ImmutableArray<SentParameter> parameters)
    {
        if (format == ParameterFormat.Positional)
        {
            var isNumber = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var position);
            return isNumber && position >= 1 && position <= parameters.Length ? parameters[position - 1].Text : null;
        }

        foreach (var parameter in parameters)
        {
            if (name.SequenceEqual(parameter.Name))
            {
                return parameter.Text;
            }
        }

        return null;
    }
}
