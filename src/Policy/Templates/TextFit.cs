using System.Collections.Immutable;
using System.Globalization;

namespace Actors.Policy.Templates;

/// <summary>Whether parameters fit the variables of a text.</summary>
internal static class TextFit
{
    public static TemplateMismatch? Check(string where, string text, ParameterFormat format, ImmutableArray<SentParameter> parameters, int lengthMax)
    {
        var expected = Placeholders.CountIn(text);
        if (parameters.Length != expected)
        {
            return TemplateMismatch.Count(where, parameters.Length, expected);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            if (Parameter(where, text, format, parameters, i) is { } mismatch)
            {
                return mismatch;
            }
        }

        var length = RenderedLength(text, format, parameters);
        return length > lengthMax ? TemplateMismatch.TooLong(where, length, lengthMax) : null;
    }

    private static TemplateMismatch? Parameter(
        string where, string text, ParameterFormat format, ImmutableArray<SentParameter> parameters, int index)
    {
        var parameter = parameters[index];
        if (!parameter.Type.Is("text") && !parameter.Type.Is("currency") && !parameter.Type.Is("date_time"))
        {
            return TemplateMismatch.Format(where, $"parameter {index + 1} must be of type text, currency or date_time");
        }

        if (format == ParameterFormat.Positional && parameter.Name is not null)
        {
            return TemplateMismatch.Format(where, $"parameter {index + 1} has a parameter_name, but the template's variables are positional");
        }

        if (format == ParameterFormat.Named)
        {
            if (parameter.Name is null)
            {
                return TemplateMismatch.Format(where, $"parameter {index + 1} needs a parameter_name, the template's variables are named");
            }

            if (!Placeholders.IsIn(text, parameter.Name))
            {
                return TemplateMismatch.Format(where, $"the template has no variable named {parameter.Name}");
            }

            if (IndexOf(parameter.Name, parameters) != index)
            {
                return TemplateMismatch.Format(where, $"the variable {parameter.Name} is given more than once");
            }
        }

        if (string.IsNullOrWhiteSpace(parameter.Text))
        {
            return TemplateMismatch.Format(where, $"parameter {index + 1} has no text");
        }

        return HasForbiddenBlanks(parameter.Text)
            ? TemplateMismatch.Other(
                where, $"the text of parameter {index + 1} can't have new lines, tabs or more than {TemplateLimits.BlanksInARow} blanks in a row")
            : null;
    }

    private static int RenderedLength(string text, ParameterFormat format, ImmutableArray<SentParameter> parameters)
    {
        var length = TextLength.Of(text);
        var variables = new Placeholders(text);
        while (variables.MoveNext())
        {
            var index = format == ParameterFormat.Named ? IndexOf(variables.Name, parameters) : Position(variables.Name);
            length -= variables.End - variables.Start;
            length += index >= 0 && index < parameters.Length ? TextLength.Of(parameters[index].Text) : 0;
        }

        return length;
    }

    private static int Position(ReadOnlySpan<char> name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position - 1 : -1;

    private static int IndexOf(ReadOnlySpan<char> name, ImmutableArray<SentParameter> parameters)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            if (name.SequenceEqual(parameters[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool HasForbiddenBlanks(string text)
    {
        var blanks = 0;
        foreach (var character in text)
        {
            blanks = character == ' ' ? blanks + 1 : 0;
            if (character is '\n' or '\r' or '\t' || blanks > TemplateLimits.BlanksInARow)
            {
                return true;
            }
        }

        return false;
    }
}
