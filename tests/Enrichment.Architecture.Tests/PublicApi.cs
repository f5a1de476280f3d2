using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Enrichment.Architecture.Tests;

/// <summary>
/// The public face of an assembly as text, one line a member, in the order of the alphabet: what a caller can compile
/// against, so that a change shows in review.
/// </summary>
public static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What the compiler adds to every record says nothing.
    private static readonly HashSet<string> OfEveryRecord =
    [
        "Equals",
        "GetHashCode",
        "ToString",
        "PrintMembers",
        "Deconstruct",
        "<Clone>$",
        "op_Equality",
        "op_Inequality",
        "EqualityContract",
    ];

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            AppendType(text, type);
        }

        return text.ToString();
    }

    private static void AppendType(StringBuilder text, Type type)
    {
        foreach (var attribute in Attributes(type))
        {
            text.Append(attribute).Append('\n');
        }

        text.Append(type.Namespace).Append(": ").Append(Declaration(type)).Append('\n');
        foreach (var member in type.IsEnum ? EnumMembers(type) : Members(type).Order(StringComparer.Ordinal))
        {
            text.Append("    ").Append(member).Append('\n');
        }

        text.Append('\n');
    }

    private static string Declaration(Type type)
    {
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"delegate {TypeNames.Of(invoke.ReturnParameter)} {TypeNames.Of(type)}({Parameters(invoke)})";
        }

        var bases = new[] { type.BaseType }
            .Where(baseType =>
                baseType is not null && baseType != typeof(object) && baseType != typeof(ValueType) && baseType != typeof(Enum))
            .Concat(
                type.GetInterfaces()
                    .Where(i => i.IsPublic && !(type.BaseType?.GetInterfaces().Contains(i) ?? false))
                    .OrderBy(i => i.FullName, StringComparer.Ordinal))
            .Where(t => type.IsEnum ? false : !(IsRecord(type) && t!.Name == "IEquatable`1"))
            .Select(t => TypeNames.Of(t!));
        var list = string.Join(", ", bases);
        return $"{Kind(type)} {TypeNames.Of(type)}{(list.Length == 0 ? "" : $" : {list}")}{Constraints(type.GetGenericArguments())}";
    }

    private static string Kind(Type type) =>
        type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } =>
                $"{(type.IsDefined(typeof(IsReadOnlyAttribute), false) ? "readonly " : "")}{(IsRecord(type) ? "record " : "")}struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => $"{(type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "")}{(IsRecord(type) ? "record" : "class")}",
        };

    private static bool IsRecord(Type type) =>
        type.GetMethod("<Clone>$", Declared) is not null || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is not null);

    private static IEnumerable<string> EnumMembers(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}"));

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            return [];
        }

        var constructors = type.GetConstructors(Declared)
            .Where(IsVisible)
            .Where(c => !(IsRecord(type) && IsCopy(c)))
            .Select(c => $"{Obsolete(c)}{Modifiers(c)}{TypeNames.Simple(type)}({Parameters(c)})");
        var methods = type.GetMethods(Declared)
            .Where(m => IsVisible(m) && !IsAccessor(m) && !(IsRecord(type) && OfEveryRecord.Contains(m.Name)))
            .Select(m =>
                $"{Obsolete(m)}{Modifiers(m)}{TypeNames.Of(m.ReturnParameter)} {m.Name}{TypeNames.Arguments(m.GetGenericArguments())}({Extension(m)}{Parameters(m)}){Constraints(m.GetGenericArguments())}");
        var properties = type.GetProperties(Declared)
            .Where(p => p.GetAccessors(true).Any(IsVisible) && !(IsRecord(type) && OfEveryRecord.Contains(p.Name)))
            .Select(Property);
        var events = type.GetEvents(Declared)
            .Where(e => IsVisible(e.AddMethod!))
            .Select(e => $"{Modifiers(e.AddMethod!)}event {TypeNames.Of(e.EventHandlerType!)} {e.Name}");
        var fields = type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly).Select(Field);
        return [.. constructors, .. methods, .. properties, .. events, .. fields];
    }

    private static string Property(PropertyInfo property)
    {
        var getter = property.GetMethod is { } get && IsVisible(get) ? " get;" : "";
        var setter = property.SetMethod is { } set && IsVisible(set) ? (IsInit(set) ? " init;" : " set;") : "";
        var index = property.GetIndexParameters() is { Length: > 0 } parameters
            ? $"[{string.Join(", ", parameters.Select(Parameter))}]"
            : "";
        var required = property.IsDefined(typeof(RequiredMemberAttribute), false) ? "required " : "";
        return $"{Obsolete(property)}{Modifiers(property.GetAccessors(true).First(IsVisible))}{required}{TypeNames.Of(property)} {property.Name}{index} {{{getter}{setter} }}";
    }

    private static string Field(FieldInfo field) => field.IsLiteral
        ? $"{Obsolete(field)}const {TypeNames.Of(field)} {field.Name} = {Value(field.GetRawConstantValue())}"
        : $"{Obsolete(field)}{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{TypeNames.Of(field)} {field.Name}";

    private static string Modifiers(MethodBase method) =>
        (method.IsPublic ? "" : "protected ") + (method.IsStatic ? "static " : "")
        + (method.DeclaringType!.IsInterface ? (method.IsStatic || method.IsAbstract ? "" : "default ")
            : method.IsAbstract ? "abstract "
            : method is MethodInfo info && info.GetBaseDefinition() != info ? "override "
            : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "");

    private static string Extension(MethodInfo method) => method.IsDefined(typeof(ExtensionAttribute), false) ? "this " : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var passing =
            parameter.IsOut ? "out "
            : parameter.IsIn ? "in "
            : parameter.ParameterType.IsByRef ? "ref "
            : parameter.IsDefined(typeof(ParamArrayAttribute), false) || parameter.IsDefined(typeof(ParamCollectionAttribute), false)
                ? "params "
            : "";
        return $"{passing}{TypeNames.Of(parameter)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue, parameter.ParameterType)}" : "")}";
    }

    private static string Value(object? value, Type? type = null) => value switch
    {
        null => type is { IsValueType: true } && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ when type is { IsEnum: true } => $"{TypeNames.Of(type)}.{Enum.ToObject(type, value)}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Constraints(Type[] arguments) => string.Concat(arguments
        .Where(argument => argument.IsGenericParameter)
        .Select(argument => (argument.Name, Limits: Limits(argument)))
        .Where(argument => argument.Limits.Length > 0)
        .Select(argument => $" where {argument.Name} : {string.Join(", ", argument.Limits)}"));

    private static string[] Limits(Type argument)
    {
        var flags = argument.GenericParameterAttributes;
        var isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        return
        [
            .. flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : Array.Empty<string>(),
            .. isStruct ? ["struct"] : Array.Empty<string>(),
            .. argument.GetGenericParameterConstraints().Where(t => t != typeof(ValueType)).Select(TypeNames.Of),
            .. flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct ? ["new()"] : Array.Empty<string>(),
        ];
    }

    private static IEnumerable<string> Attributes(MemberInfo member) =>
        member
            .GetCustomAttributesData()
            .Where(data => data.AttributeType.Namespace == "System" && data.AttributeType.IsPublic)
            .Select(data =>
                $"[{data.AttributeType.Name[..^"Attribute".Length]}({string.Join(", ", [.. data.ConstructorArguments.Select(a => Value(a.Value)), .. data.NamedArguments.Select(a => $"{a.MemberName} = {Value(a.TypedValue.Value)}")])})]")
            .Order(StringComparer.Ordinal);

    // The compiler marks constructors of types with required members as obsolete, for compilers that do not know them.
    private static string Obsolete(MemberInfo member) =>
        member.GetCustomAttribute<ObsoleteAttribute>() is { } obsolete && !member.IsDefined(typeof(CompilerFeatureRequiredAttribute))
            ? $"[Obsolete({Value(obsolete.Message)})] "
            : "";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsCopy(ConstructorInfo constructor) =>
        constructor.GetParameters() is [{ } only] && only.ParameterType == constructor.DeclaringType;
}
