/**
 * How text reaches a person: tables that align, and colours and moving lines on a terminal only.
 */
package dev.architekt.cli.text;
